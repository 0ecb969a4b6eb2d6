--[[
  What is in flight: one number per queue (in the queue's hash) and one per fairness key ("k" .. key) and
  destination ("d" .. destination) in `n:<q>`, gone at 0. Every way out of a lease counts through here, and
  what was waiting for the freed slot comes back.
]]
--- Writes the counts gathered by count_flight and count_ready.
local function commit_flights()
  for q, f in pairs(flights) do
    local qk = P .. "q:" .. q
    local have = call("HMGET", qk, "in", "ready", "max", "kmax", "dmax", "dmax0", "recheck")
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
      local set, gone, freed = {}, {}, {}
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
          if limit and left < limit and is_parked(q, field, have[7]) then
            freed[#freed + 1] = field
          end
        end
      end
      if #set > 0 then
        call("HSET", n, unpack(set))
      end
      if #gone > 0 then
        call("HDEL", n, unpack(gone))
      end
      if #freed > 0 then
        parking_at(q).look_at(freed)
      end
    end
    if f.backlog then
      commit_backlog(q, f.backlog)
    end
  end
  flights = {}
end
