--[[
  Lease tasks of one queue, in order of priority, then of the turns of fairness keys and destinations, then of
  dispatch. Never reads past what cannot give: a lane whose destination has no room, or a key that has none, leaves
  the ring when its turn comes and waits under that limit (parking.lua). Entries whose fence is no longer the record's
  are dropped. A queued job past its schedule-to-start or schedule-to-close is closed instead of handed out.

  Tokens of rates go to tasks that are handed out only, of all the limits that a task is under or of none.
]]
--- @include "lib/step"
--- @include "lib/turns"
--- @include "lib/close"
local lease
do
  local HEADS = 128
  local ROUNDS = 16

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
  local function leasing(q, want, worker, nonce, node, rooms, parking, has_destinations)
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
      local live, since = {}, {}
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
            since[i] = (since[i] or 0) + 1
          end
        end
      end
      for i, by_dispatch in pairs(live) do
        for dispatch6, n in pairs(by_dispatch) do
          count_ready(q, num(priority), keys[i], u6(dispatch6, 1), -n)
        end
      end
      for i, n in pairs(since) do
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

  --- How long a queue's own rate holds it up; what waits then is looked at even if nobody asks.
  local function held_by(q, limit, asked)
    local wait = limit_pause(limit, asked)
    if wait == math.huge then
      return "q-"
    end
    call("ZADD", P .. "parked", "LT", num(now + wait), q)
    return "q" .. num(wait)
  end

  --- nonce: 8 bytes; node: whose built-in worker asks, or nil; dmax0: in-flight bound per destination where the queue
  -- sets none, or ""; grant: what the limiter of another partition allows, "<tokens> <until ms>", or "".
  -- Returns a tag, "1" when it stopped at a bound (of "ungranted": how many could be handed out), and name, record (as it
  -- was before) by turns; and what has to be waited for: "l" and ms until a limit under which something waits may give
  -- again, "q" and ms until the queue's own rate does, "q-" until it is opened, "" nothing. Tags
  --   leased, paused; capped: as many are in flight as may be
  --   ungranted: the queue's rate is granted elsewhere, and no grant has come along
  function lease(q, want, worker, nonce, node, dmax0, grant)
    local qk = P .. "q:" .. q
    local c = call("HMGET", qk, "paused", "max", "in", "kmax", "dmax", "dn", "hw", "dmax0", "conf", "limit", "ready",
      "recheck", "vt1", "vt2", "vt3", "vt4", "vt5")
    if c[1] then
      return { "paused", "0" }, "q-"
    end
    if c[2] then
      local free = c[2] - (c[3] or 0)
      if free < 1 then
        return { "capped", "0" }, ""
      end
      want = math.min(want, free)
    end
    if dmax0 ~= "" and dmax0 ~= c[8] then
      call("HSET", qk, "dmax0", dmax0)
      c[8] = dmax0
    end
    local conf, kmax, dmax, ready = read_conf(c[9]), tonumber(c[4]), tonumber(c[5] or c[8]), tonumber(c[11] or 0)
    local own, asked = nil, want
    if conf.granted then
      local tokens, until_ms = string.match(grant, "^(%d+) (%d+)$")
      -- a grant whose end is too far off was given before the clock went back
      local holds = tokens and now <= tonumber(until_ms) and tonumber(until_ms) <= now + GRANT_MS
      want = holds and math.min(want, tonumber(tokens)) or 0
    elseif conf.rate then
      own = open_limit(c[10], conf.rate, conf.burst)
      want = math.min(want, limit_room(own))
      if want == 0 and ready > 0 then
        return { "leased", "0" }, held_by(q, own, asked)
      end
    end
    local rooms, parking = nil, nil
    if kmax or dmax or c[7] or c[9] or c[12] then
      rooms = rooms_of(q, conf, kmax, dmax, c[7])
    end
    if kmax or dmax or c[9] or c[12] then
      parking = parking_of(q, rooms, c[12])
      if parking.unpark(want + 64) then
        local vt = call("HMGET", qk, "vt1", "vt2", "vt3", "vt4", "vt5")
        for p = 1, 5 do
          c[12 + p] = vt[p]
        end
      end
    end
    if conf.granted and want == 0 then
      for p = 1, 5 do
        if c[12 + p] and call("EXISTS", ring_key(q, p)) == 1 then
          return { "ungranted", num(math.min(asked, ready)) }, ""
        end
      end
    end
    local task = leasing(q, want, worker, nonce, node, rooms, parking, c[6])
    local out = { "leased", "0" }
    for priority = 1, 5 do
      local rounds = 0
      while task.given < want and c[12 + priority] and rounds < ROUNDS and task.reads_left > 0 do
        rounds = rounds + 1
        local last, came_back = task.round(priority, want - task.given)
        if not last then
          -- what waits under a limit comes back with passes of this time
          if call("EXISTS", P .. "pk:" .. q, P .. "pk0:" .. q) == 0 then
            call("HDEL", qk, "vt" .. priority)
          end
          break
        end
        if came_back then
          -- it may be less urgent than all that was there when this lease began
          for p = priority + 1, 5 do
            c[12 + p] = call("HGET", qk, "vt" .. p)
          end
        end
        if last ~= true then
          call("HSET", qk, "vt" .. priority, last)
        end
      end
      if task.given >= want then
        break
      end
      if c[12 + priority] and (rounds >= ROUNDS or task.reads_left <= 0) then
        -- what is less urgent waits until it is known that nothing else is left here
        out[2] = "1"
        break
      end
    end
    if rooms then
      rooms.keep()
    end
    local waits = ""
    if own then
      limit_take(own, task.given)
      local kept = keep_limit(own)
      if kept then
        call("HSET", qk, "limit", kept)
      end
      if (task.given < asked or limit_room(own) < 1) and task.given == want and ready > task.live then
        waits = held_by(q, own, asked - task.given)
      end
    end
    if task.given < want and out[2] == "0" then
      -- nothing is left that anybody else could lease
      woken[q] = nil
      local next_at = parking and parking.next_moment()
      if next_at then
        waits = "l" .. num(math.max(1, next_at - now))
        if next_at <= now then
          out[2] = "1"
        end
      end
    end
    for i = 1, #task.out do
      out[2 + i] = task.out[i]
    end
    return out, waits
  end
end
