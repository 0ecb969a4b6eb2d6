--[[
  The rounds of a lease over one priority's ring: whose turn it is, what their lanes give, and where each key and lane
  stands afterwards.
]]
--- @include "lib/step"
--- @include "lib/turns"
--- @include "lib/close"
local leasing
do
  local HEADS = 128

  --- The number under which records name a worker; a new one is given out at its first lease.
  local function worker_number(worker)
    local number = call("HGET", P .. "w", worker)
    if not number then
      number = num(call("HINCRBY", P .. "m", "workers", 1))
      call("HSET", P .. "w", worker, number)
      call("HSET", P .. "wn", number, worker)
    end
    call("ZADD", P .. "ws", num(now), worker)
    return struct.pack(">I4", number)
  end

  --- What the timeouts of records say, read once for all that have the same: when a queued record's time is up and when
  -- an attempt that starts now ends, from its bytes 97-120.
  local function timeouts_reader()
    local known = {}
    return function(bytes)
      local found = known[bytes]
      if not found then
        local expires_at, limit, heartbeat = u6(bytes, 1), u6(bytes, 13), u6(bytes, 19)
        found = { expires_at = expires_at > 0 and expires_at or math.huge, wait = u6(bytes, 7) }
        found.built_in = limit > 0 and math.min(found.expires_at, now + limit) or found.expires_at
        found.ends_at = heartbeat > 0 and math.min(found.built_in, now + heartbeat) or found.built_in
        known[bytes] = found
      end
      return found
    end
  end

  --- The heads of a ring in reach and the pass of the first behind them.
  local function heads_of(key, reach)
    local heads = call("ZRANGE", key, 0, reach, "WITHSCORES")
    local names, passes, bound = {}, {}, math.huge
    for i = 1, #heads / 2 do
      if i > reach then
        bound = tonumber(heads[2 * i])
      else
        names[i], passes[i] = heads[2 * i - 1], tonumber(heads[2 * i])
      end
    end
    return names, passes, bound
  end

  --- The fields of names in rooms.lua.
  local function fields_of(letter, names)
    local fields = {}
    for i = 1, #names do
      fields[i] = letter .. names[i]
    end
    return fields
  end

  local function stride_of_lane()
    return 1000
  end

  --- What one lease is about: who asks (worker, nonce, node or nil), and what it has given so far. want: how many.
  function leasing(q, want, worker, nonce, node, rooms, parking, has_destinations)
    local self = { given = 0, live = 0, out = {}, reads_left = 4 * want + 64 }
    local timeouts, out, tail = timeouts_reader(), self.out, nil

    --- Leases a queued run to the asker.
    local function hand_out(name, key, rec, limit)
      local ref = sub(rec, 73, 80) .. name
      tail = tail or ("R" .. nonce .. now6 .. Z6 .. worker_number(worker) .. Z4 .. "-")
      local flags, its_tail = byte(rec, 71), tail
      if flags % (2 * FLAG_HEARTBEAT) >= FLAG_HEARTBEAT then
        -- what is kept for this attempt stays as old as it is; of a clock that was ahead it is of now
        its_tail = sub(tail, 1, 15) .. p6(math.min(u6(rec, 25), now)) .. sub(tail, 22)
      end
      local was_built_in = flags % (2 * FLAG_BUILT_IN) >= FLAG_BUILT_IN
      if was_built_in == (node ~= nil) then
        call("SETRANGE", key, "9", its_tail)
      else
        flags = was_built_in and flags - FLAG_BUILT_IN or flags + FLAG_BUILT_IN
        call("SETRANGE", key, "9", its_tail .. sub(rec, 40, 70) .. string.char(flags))
      end
      if node then
        local start_by = limit.wait > 0 and u6(rec, 44) + limit.wait or math.huge
        if math.min(start_by, limit.expires_at) - now <= NEAR_MS then
          disarm(ref)
        end
        arm(ref, limit.built_in, node)
      else
        arm(ref, limit.ends_at)
      end
      self.given = self.given + 1
      local n = #out
      out[n + 1], out[n + 2] = name, rec
      happened("l", sub(rec, 40, 43) .. ref)
    end

    --- The lanes of a key, for as many turns as it has.
    local function lanes_of(priority, fk, turns)
      if has_destinations then
        local names, passes, bound = heads_of(destinations_key(q, priority, fk), turns)
        if #names > 0 then
          return { names = names, passes = passes, bound = bound, in_ring = true }
        end
      end
      return { names = { "" }, turns = { turns } }
    end

    --- Takes what each key's turns give out of its lanes, and hands out what is live. keys: names; turns: of each, nil =
    -- out of reach. Returns for each key its lanes, with what each popped and gave, and how many it gave in all.
    local function take(priority, keys, turns)
      local lanes, fields = {}, {}
      for i = 1, #keys do
        if turns[i] and turns[i] > 0 then
          local lane = lanes_of(priority, keys[i], turns[i])
          lanes[i] = lane
          for j = 1, lane.in_ring and #lane.names or 0 do
            if lane.names[j] ~= "" then
              fields[#fields + 1] = "d" .. lane.names[j]
            end
          end
        end
      end
      local free = rooms and rooms.limits_destinations and rooms.free
      if free and #fields > 0 then
        rooms.load(fields)
      end
      local names, entries, job_keys, of_key, of_lane = {}, {}, {}, {}, {}
      for i = 1, #keys do
        local lane = lanes[i]
        if lane then
          if lane.in_ring then
            lane.turns = take_turns(lane.names, lane.passes, lane.bound, turns[i], stride_of_lane, free and function(dest)
              return dest ~= "" and free["d" .. dest] or nil
            end)
          end
          lane.popped, lane.given = {}, {}
          for j = 1, #lane.names do
            local k = lane.turns[j]
            if k and k > 0 then
              local dest = lane.names[j]
              local popped = call("LPOP", lane_key(q, priority, keys[i], dest), k) or {}
              lane.popped[j], lane.given[j] = #popped, 0
              self.reads_left = self.reads_left - #popped
              for x = 1, #popped do
                local e = #entries + 1
                entries[e] = popped[x]
                names[e] = sub(popped[x], 9)
                job_keys[e] = P .. "j:" .. names[e]
                of_key[e], of_lane[e] = i, j
              end
              if free and free["d" .. dest] then
                -- kept for this lane until it is known how much of it is live
                free["d" .. dest] = free["d" .. dest] - k
              end
            end
          end
        end
      end
      local records = #job_keys > 0 and call("MGET", unpack(job_keys)) or {}
      local live, given = {}, {}
      for e = 1, #entries do
        local rec = records[e]
        if rec and sub(rec, 2, 9) == sub(entries[e], 1, 8) and sub(rec, 10, 10) == "S" then
          local i, j, dispatch6 = of_key[e], of_lane[e], sub(rec, 44, 49)
          local limit = timeouts(sub(rec, 97, 120))
          self.live = self.live + 1
          live[i] = live[i] or {}
          live[i][dispatch6] = (live[i][dispatch6] or 0) + 1
          local late = nil
          if limit.expires_at <= now then
            late = "e"
          elseif limit.wait > 0 and u6(rec, 44) + limit.wait <= now then
            late = "S"
          end
          if late then
            disarm(sub(rec, 73, 80) .. names[e])
            time_out(names[e], rec, late)
          else
            hand_out(names[e], job_keys[e], rec, limit)
            lanes[i].given[j] = lanes[i].given[j] + 1
            given[i] = (given[i] or 0) + 1
          end
        end
      end
      for i, by_dispatch in pairs(live) do
        for dispatch6, n in pairs(by_dispatch) do
          count_ready(q, num(priority), keys[i], u6(dispatch6, 1), -n)
        end
      end
      for i, n in pairs(given) do
        lanes[i].all_given = n
        for j = 1, #lanes[i].names do
          if lanes[i].given[j] and lanes[i].given[j] > 0 then
            count_flight(q, keys[i], lanes[i].names[j], lanes[i].given[j])
          end
        end
        local backlog = backlog_of(flights[q])
        backlog.leased = backlog.leased + n
      end
      return lanes
    end

    --- Moves a key's lanes on in their ring, those without room to wait for it; whether any is left there. pass: of the
    -- key. unused: takes the destinations whose places nobody used.
    local function move_lanes(priority, fk, lane, pass, unused)
      local dk = destinations_key(q, priority, fk)
      local on, off = {}, {}
      for j = 1, #lane.names do
        local dest, k = lane.names[j], lane.turns[j]
        local limited = rooms and dest ~= "" and rooms.free["d" .. dest]
        if k and k > 0 then
          if limited then
            rooms.free["d" .. dest] = limited + k
            rooms.take("d" .. dest, lane.given[j])
          end
          if lane.popped[j] == 0 then
            off[#off + 1] = dest
            if limited then
              unused[#unused + 1] = dest
            end
          else
            on[#on + 1] = lane.passes[j] + lane.given[j] * 1000
            on[#on + 1] = dest
          end
        elseif k == 0 and limited and limited <= 0 then
          off[#off + 1] = dest
          if call("EXISTS", lane_key(q, priority, fk, dest)) == 1 then
            parking.park_lane(priority, fk, dest, pass)
            self.reads_left = self.reads_left - 1
          end
        end
      end
      add_all(dk, on)
      if #off > 0 then
        call("ZREM", dk, unpack(off))
        return call("EXISTS", dk) == 1
      end
      return true
    end

    --- One round over the heads of a priority's ring. Returns the pass of its last turn, or false when the ring is
    -- empty; and whether something came back to the rings.
    function self.round(priority, left)
      local ring, reach = ring_key(q, priority), math.min(left, HEADS)
      local keys, passes, bound = heads_of(ring, reach)
      if #keys == 0 then
        return false
      end
      local free = rooms and rooms.limits_keys and rooms.free
      local weight = rooms and rooms.weight or {}
      if rooms then
        rooms.load_weights(keys)
      end
      if free then
        rooms.load(fields_of("k", keys))
      end
      local function stride(fk)
        return 1000 / (weight[fk] or 1)
      end
      local turns, _, last = take_turns(keys, passes, bound, left, stride, free and function(fk)
        return free["k" .. fk]
      end)
      local lanes = take(priority, keys, turns)
      local moved, gone, parked, unused = {}, {}, {}, {}
      for i = 1, #keys do
        local fk, lane = keys[i], lanes[i]
        if lane then
          local given = lane.all_given or 0
          local pass = passes[i] + given * stride(fk)
          if free then
            rooms.take("k" .. fk, given)
          end
          local stays = lane.popped[1] ~= 0
          if lane.in_ring then
            stays = move_lanes(priority, fk, lane, pass, unused)
          end
          if stays then
            moved[#moved + 1] = pass % 1 == 0 and num(pass) or pass
            moved[#moved + 1] = fk
          else
            gone[#gone + 1] = fk
          end
        elseif turns[i] == 0 then
          gone[#gone + 1] = fk
          parked[#parked + 1] = fk
          parking.park_key(priority, fk, passes[i])
          self.reads_left = self.reads_left - 1
        end
      end
      add_all(ring, moved)
      if #gone > 0 then
        call("ZREM", ring, unpack(gone))
      end
      for i = 1, #unused do
        parking.pass_on(unused[i])
      end
      if has_destinations and rooms and rooms.limits_destinations then
        for i = 1, #parked do
          parking.pass_on_all(priority, parked[i])
        end
      end
      return last or true, #unused > 0 or #parked > 0
    end

    return self
  end
end
