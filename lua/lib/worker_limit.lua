--[[
  How many tasks a worker is given in a second at most, over all queues of a namespace: a limit of its own in
  `lw:<namespace>/<worker>`.
]]
--- @include "lib/close"
local function worker_limit_key(namespace, worker)
  return P .. "lw:" .. namespace .. "/" .. worker
end

local function open_worker_limit(namespace, worker, rate)
  local key = worker_limit_key(namespace, worker)
  local limit = open_limit(call("GET", key), rate)
  limit.key = key
  return limit
end

--- Gives the token of a lease back that came to nothing.
local function refund_worker(name, rec)
  local worker = worker_of(rec)
  local key = worker and worker_limit_key(namespace_of(name), worker)
  local kept = key and call("GET", key)
  if kept then
    local limit = open_limit(kept, tonumber(string.match(kept, "(%d+)$")))
    limit_refund(limit, u6(rec, 19))
    keep_limit_at(key, limit)
  end
end
