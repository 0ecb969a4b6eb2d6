--[[
  What a queue's description tells of its backlog, in counters: live lane entries by priority (`b:<q>`), by priority and
  the second in which they could be dispatched (`bs:<q>`, the oldest of each priority first in `bo<p>:<q>`), by fairness
  key where that is not the empty one (`bk:<q>`, and their sum as `keyed` in `b:<q>`); and how many came ("a") and were
  leased ("l") in each stretch of ten seconds of the last minute or so (`br:<q>`).
]]
local RATE_SLOT_MS = 10000

--- What is gathered of one queue until the commit.
local function backlog_of(f)
  local backlog = f.backlog
  if not backlog then
    backlog = { by_priority = {}, by_second = {}, by_key = {}, added = 0, leased = 0 }
    f.backlog = backlog
  end
  return backlog
end

local commit_backlog
do
  local RATE_SLOTS_KEPT = 8

  local function count_rate(q, letter, n)
    local key = P .. "br:" .. q
    local slot = math.floor(now / RATE_SLOT_MS)
    if call("HINCRBY", key, letter .. num(slot), num(n)) == n then
      local fields = call("HKEYS", key)
      for i = 1, #fields do
        local age = slot - sub(fields[i], 2)
        if age >= RATE_SLOTS_KEPT or age < 0 then
          call("HDEL", key, fields[i])
        end
      end
      call("PEXPIRE", key, num(RATE_SLOT_MS * RATE_SLOTS_KEPT))
    end
  end

  local function commit_keys(q, by_key)
    local keys, key = {}, P .. "bk:" .. q
    for fk, n in pairs(by_key) do
      if n ~= 0 then
        keys[#keys + 1] = fk
      end
    end
    if #keys == 0 then
      return 0
    end
    local counts = call("ZMSCORE", key, unpack(keys))
    local set, gone, sum = {}, {}, 0
    for i = 1, #keys do
      local left = (tonumber(counts[i]) or 0) + by_key[keys[i]]
      sum = sum + by_key[keys[i]]
      if left > 0 then
        set[#set + 1] = num(left)
        set[#set + 1] = keys[i]
      else
        gone[#gone + 1] = keys[i]
      end
    end
    if #set > 0 then
      call("ZADD", key, unpack(set))
    end
    if #gone > 0 then
      call("ZREM", key, unpack(gone))
    end
    return sum
  end

  function commit_backlog(q, backlog)
    local b = P .. "b:" .. q
    for priority, n in pairs(backlog.by_priority) do
      if n ~= 0 and call("HINCRBY", b, priority, num(n)) == 0 then
        call("HDEL", b, priority)
      end
    end
    local keyed = commit_keys(q, backlog.by_key)
    if keyed ~= 0 then
      call("HINCRBY", b, "keyed", num(keyed))
    end
    for field, n in pairs(backlog.by_second) do
      if n ~= 0 then
        local priority, second = sub(field, 1, 1), sub(field, 2)
        local left = call("HINCRBY", P .. "bs:" .. q, field, num(n))
        if left == n then
          call("ZADD", P .. "bo" .. priority .. ":" .. q, second, second)
        elseif left <= 0 then
          call("HDEL", P .. "bs:" .. q, field)
          call("ZREM", P .. "bo" .. priority .. ":" .. q, second)
        end
      end
    end
    if backlog.added > 0 then
      count_rate(q, "a", backlog.added)
    end
    if backlog.leased > 0 then
      count_rate(q, "l", backlog.leased)
    end
  end
end
