--[[
  How many tasks a worker is given in a second at most, over all queues of a namespace: a limit of its own in
  `lw:<namespace>/<worker>`, which goes an hour after it stopped holding anything up.
]]
--- @include "lib/close"
--- @include "lib/limit"
local IDLE_LIMIT_MS = 3600000

local function worker_limit_key(namespace, worker)
  return P .. "lw:" .. namespace .. "/" .. worker
end

local function open_worker_limit(namespace, worker, rate)
  local key = worker_limit_key(namespace, worker)
  local limit = open_limit(call("GET", key), rate)
  limit.key = key
  return limit
end

local function keep_worker_limit(limit)
  local kept, for_ms = keep_limit(limit)
  if kept then
    call("SET", limit.key, kept, "PX", num(for_ms + IDLE_LIMIT_MS))
  end
end

--- Gives the token of a lease back that came to nothing: what of it has not been earned again since, so that what
-- remains given still keeps to the limit.
local function refund_worker(name, rec)
  local worker = worker_of(rec)
  local key = worker and worker_limit_key(namespace_of(name), worker)
  local kept = key and call("GET", key)
  if kept then
    local rate = tonumber(string.match(kept, "(%d+)$"))
    local limit = open_limit(kept, rate)
    local owed = math.max(0, TOKEN - math.max(0, now - u6(rec, 19)) * rate)
    limit.debt = math.max(0, limit.debt - owed)
    limit.key, limit.moved = key, true
    keep_worker_limit(limit)
  end
end
