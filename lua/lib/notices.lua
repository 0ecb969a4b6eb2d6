--[[
  What a worker is to be told of the leases that it holds: a set per worker, `nt:<namespace>/<worker>`, of
  nonce .. name → when what is asked of that lease changed. The worker's next lease call takes it (leases.lua) and
  reads what is asked from the record, so that only the latest state is told. An entry whose lease is over tells
  nothing. The set goes after a week in which nothing was added: by then its worker polls no more.
]]
local NOTICES_KEPT_S = num(7 * 86400)
local NOTICES_TOLD = 100

--- The set of the worker that holds a lease, and what names it to nodes: <namespace>/<worker>.
local function notices_of(name, rec)
  local worker = worker_of(rec)
  if worker then
    worker = namespace_of(name) .. "/" .. worker
    return P .. "nt:" .. worker, worker
  end
end

--- Has the worker that holds this lease told what is asked of it now. A node's built-in worker is told otherwise
-- (abort, in step.lua).
local function notify(name, rec)
  if has_flag(rec, FLAG_BUILT_IN) then
    return
  end
  local key, worker = notices_of(name, rec)
  if key then
    call("ZADD", key, num(now), sub(rec, 11, 18) .. name)
    call("EXPIRE", key, NOTICES_KEPT_S)
    noticed[worker] = true
  end
end

--- Takes back what its worker has not been told yet of a lease; whether there was such.
local function unnotify(name, rec)
  if has_flag(rec, FLAG_BUILT_IN) then
    return false
  end
  local key = notices_of(name, rec)
  return key ~= nil and call("ZREM", key, sub(rec, 11, 18) .. name) == 1
end

--- The same when the lease ends. Of one of which nothing was asked nothing is told either.
local function forget_notice(name, rec)
  if sub(rec, 10, 10) ~= "R" then
    unnotify(name, rec)
  end
end

--- Takes what a worker is to be told, the oldest first: nonce .. name of each lease, and whether there is more.
local function take_notices(namespace, worker)
  local key = P .. "nt:" .. namespace .. "/" .. worker
  local taken = call("ZRANGE", key, 0, NOTICES_TOLD - 1)
  if #taken > 0 then
    call("ZREM", key, unpack(taken))
  end
  return taken, #taken == NOTICES_TOLD
end
