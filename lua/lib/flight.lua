--[[
  What is in flight: one number per queue (in the queue's hash) and one per fairness key ("k" .. key) and
  destination ("d" .. destination) in `n:<q>`, gone at 0. Every way out of a lease counts through here, and
  what was waiting for the freed slot comes back.
]]
--- Brings back up to `room` of what waits under a destination's cap, the most urgent first. What a fairness key's
-- own cap holds up goes to wait under that alone; it takes nobody's room, nor does a lane that was drained while it
-- waited and has its place again.
local function free_destination(q, dest, room)
  local waits = false
  local key_capped = call("HEXISTS", P .. "q:" .. q, "kmax") == 1
  for priority = 1, 5 do
    local key = waiting_destination_key(q, priority, dest)
    local back = room > 0 and call("ZPOPMIN", key, room) or {}
    while #back > 0 do
      for i = 1, #back, 2 do
        local joined = join_destinations(q, priority, back[i], dest)
        if not (key_capped and call("ZSCORE", waiting_key_key(q, back[i]), priority)) then
          join_ring(q, priority, back[i], back[i + 1])
          room = room - joined
          woken[q] = true
        end
      end
      back = room > 0 and call("ZPOPMIN", key, room) or {}
    end
    waits = waits or call("EXISTS", key) == 1
  end
  if not waits then
    call("ZREM", P .. "pk:" .. q, "d" .. dest)
  end
end

--- Passes a place at a destination on to whoever waits for one, when who had it cannot use it.
local function pass_on(q, dest)
  if call("ZSCORE", P .. "pk:" .. q, "d" .. dest) then
    free_destination(q, dest, 1)
  end
end

--- Brings a fairness key back that waits under its own cap.
local function free_key(q, fk)
  local key = waiting_key_key(q, fk)
  local back = call("ZRANGE", key, 0, -1, "WITHSCORES")
  for i = 1, #back, 2 do
    join_ring(q, back[i], fk, back[i + 1])
    woken[q] = true
  end
  call("DEL", key)
  call("ZREM", P .. "pk:" .. q, "k" .. fk)
end

--- Writes the counts gathered by count_flight and count_ready.
local function commit_flights()
  for q, f in pairs(flights) do
    local qk = P .. "q:" .. q
    local have = call("HMGET", qk, "in", "ready", "max", "kmax", "dmax", "dmax0")
    local max, kmax, dmax = tonumber(have[3]), tonumber(have[4]), tonumber(have[5] or have[6])
    local was = tonumber(have[1]) or 0
    call("HSET", qk, "in", num(was + f.n), "ready", num((tonumber(have[2]) or 0) + f.ready))
    if max and was >= max and was + f.n < max then
      woken[q] = true
    end
    local fields = {}
    for field in pairs(f.by) do
      fields[#fields + 1] = field
    end
    if #fields > 0 then
      local n = P .. "n:" .. q
      local counts = call("HMGET", n, unpack(fields))
      local set, gone = {}, {}
      for i = 1, #fields do
        local field = fields[i]
        local delta = f.by[field]
        local left = (tonumber(counts[i]) or 0) + delta
        if left > 0 then
          set[#set + 1] = field
          set[#set + 1] = num(left)
        else
          gone[#gone + 1] = field
        end
        if delta < 0 then
          local limit = kmax
          if byte(field) == 100 then
            limit = dmax
          end
          if limit and left < limit and call("ZSCORE", P .. "pk:" .. q, field) then
            if byte(field) == 100 then
              free_destination(q, sub(field, 2), limit - left)
            else
              free_key(q, sub(field, 2))
            end
          end
        end
      end
      if #set > 0 then
        call("HSET", n, unpack(set))
      end
      if #gone > 0 then
        call("HDEL", n, unpack(gone))
      end
    end
  end
  flights = {}
end
