--[[
  Lanes and rings. A lane is a LIST of fence .. name in order of dispatch, one per (queue, priority, fairness
  key, destination). The ring of a priority holds the fairness keys that have work, scored by pass; the
  destinations of a key take turns in a ring of the key's own, which is absent while only the lane without
  destination has work. A drained lane or key stays until its turn finds it empty, so that coming and going
  earns nobody credit.
]]
local function lane_key(q, priority, fk, dest)
  return P .. "l:" .. q .. "\t" .. priority .. fk .. "\t" .. dest
end

local function ring_key(q, priority)
  return P .. "r" .. priority .. ":" .. q
end

local function destinations_key(q, priority, fk)
  return P .. "d:" .. q .. "\t" .. priority .. fk
end

--- Lanes of `dest` wait here under its limits: fairness key -> the key's pass.
local function waiting_destination_key(q, priority, dest)
  return P .. "wd:" .. q .. "\t" .. priority .. dest
end

--- A fairness key waits here under its limits: priority -> the key's pass.
local function waiting_key_key(q, fk)
  return P .. "wk:" .. q .. "\t" .. fk
end

--- Where a priority's turns stand: the pass of the latest lease; "0" begins a ring that was empty.
local function virtual_time(q, priority)
  local qk, field = P .. "q:" .. q, "vt" .. priority
  local vt = call("HGET", qk, field)
  if not vt then
    vt = "0"
    call("HSET", qk, field, vt)
  end
  return vt
end

--- Gives a fairness key a place in the ring, at its own pass or the virtual time, whichever is later.
local function join_ring(q, priority, fk, pass)
  local vt = virtual_time(q, priority)
  if pass and tonumber(pass) > tonumber(vt) then
    vt = pass
  end
  call("ZADD", ring_key(q, priority), "NX", vt, fk)
end

--- Gives a lane a place among the destinations of its key; 0 if it had one.
local function join_destinations(q, priority, fk, dest)
  local key = destinations_key(q, priority, fk)
  local first = call("ZRANGE", key, 0, 0, "WITHSCORES")
  if dest == "" then
    return first[1] and call("ZADD", key, "NX", first[2], "") or 0
  end
  local joined = call("ZADD", key, "NX", first[2] or "0", dest)
  if not first[1] and call("EXISTS", lane_key(q, priority, fk, "")) == 1 then
    call("ZADD", key, "NX", "0", "")
  end
  return joined
end

--- Pushes each lane's entries; a lane that was empty takes its place in the rings and wakes its pollers.
local function push_lanes(list)
  local known, joining = {}, {}
  for i = 1, #list do
    local lane = list[i]
    local q, priority, fk, dest = lane.q, lane.priority, lane.fk, lane.dest
    local key, pushed, len = lane_key(q, priority, fk, dest), #lane.entries + #lane.heads, nil
    if #lane.entries > 0 then
      len = call("RPUSH", key, unpack(lane.entries))
    end
    if #lane.heads > 0 then
      len = call("LPUSH", key, unpack(lane.heads))
    end
    if len == pushed or #lane.heads > 0 then
      local has = known[q]
      if not has then
        has = call("HMGET", P .. "q:" .. q, "dn", "kmax", "conf", "recheck")
        known[q] = has
      end
      if dest ~= "" and not has[1] then
        has[1] = "1"
        call("HSET", P .. "q:" .. q, "dn", "1")
      end
      if has[1] then
        join_destinations(q, priority, fk, dest)
      end
      if not ((has[2] or has[3] or has[4]) and call("ZSCORE", waiting_key_key(q, fk), priority)) then
        local ring = ring_key(q, priority)
        local join = joining[ring]
        if not join then
          join = { "NX", vt = virtual_time(q, priority) }
          joining[ring] = join
        end
        local n = #join
        join[n + 1], join[n + 2] = join.vt, fk
      end
      woken[q] = true
    end
  end
  for ring, join in pairs(joining) do
    call("ZADD", ring, unpack(join))
  end
end
