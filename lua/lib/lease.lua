--[[
  Lease tasks of one queue, in order of priority, then of the turns of fairness keys and destinations, then of
  dispatch. Never reads past what cannot give: a lane under its destination's full cap, or a key under its own,
  leaves the ring for a waiting set when its turn comes, and is brought back by the slot that is freed
  (flight.lua). Entries whose fence is no longer the record's are dropped. A queued job past its
  schedule-to-start or schedule-to-close is closed instead of handed out.
]]
--- @include "lib/step"
--- @include "lib/turns"
--- @include "lib/close"
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

--- nonce: 8 bytes; node: whose built-in worker asks, or nil; dmax0: in-flight cap per destination where the
-- queue sets none, or "".
-- Returns tag ("leased", "paused" or "capped"), more ("1" when it stopped at a bound), and name, record
-- (as it was before) by turns.
local function lease(q, want, worker, nonce, node, dmax0)
  local qk = P .. "q:" .. q
  local c = call("HMGET", qk, "paused", "max", "in", "kmax", "dmax", "dn", "hw", "dmax0",
    "vt1", "vt2", "vt3", "vt4", "vt5")
  if c[1] then
    return { "paused", "0" }
  end
  if c[2] then
    local free = c[2] - (c[3] or 0)
    if free < 1 then
      return { "capped", "0" }
    end
    want = math.min(want, free)
  end
  if dmax0 ~= "" and dmax0 ~= c[8] then
    call("HSET", qk, "dmax0", dmax0)
    c[8] = dmax0
  end
  local kmax, dmax, has_destinations, has_weights = tonumber(c[4]), tonumber(c[5] or c[8]), c[6], c[7]
  local out, tail = { "leased", "0" }, nil
  local n_key = P .. "n:" .. q
  local free_of, weight_of, limits_of = {}, {}, {}
  local pops_left = 4 * want + 64
  local given = 0

  --- When a queued record's time is up and when an attempt that starts now ends, from the timeouts in its bytes
  -- 97-120: read once for all that have the same.
  local function limits(bytes)
    local found = limits_of[bytes]
    if not found then
      local expires_at, limit, heartbeat = u6(bytes, 1), u6(bytes, 13), u6(bytes, 19)
      found = { expires_at = expires_at > 0 and expires_at or math.huge, wait = u6(bytes, 7) }
      found.built_in = limit > 0 and math.min(found.expires_at, now + limit) or found.expires_at
      found.ends_at = heartbeat > 0 and math.min(found.built_in, now + heartbeat) or found.built_in
      limits_of[bytes] = found
    end
    return found
  end

  --- Loads how many more tasks each field ("k"/"d" .. name) may have in flight.
  local function load_room(fields, limit)
    local missing = {}
    for i = 1, #fields do
      if not free_of[fields[i]] then
        missing[#missing + 1] = fields[i]
        free_of[fields[i]] = limit
      end
    end
    if #missing > 0 then
      local counts = call("HMGET", n_key, unpack(missing))
      for i = 1, #missing do
        free_of[missing[i]] = limit - (tonumber(counts[i]) or 0)
      end
    end
  end

  for priority = 1, 5 do
    local rounds = 0
    while given < want and c[8 + priority] and rounds < ROUNDS and pops_left > 0 do
      rounds = rounds + 1
      local left = want - given
      local ring = ring_key(q, priority)
      local reach = math.min(left, HEADS)
      local heads = call("ZRANGE", ring, 0, reach, "WITHSCORES")
      if #heads == 0 then
        -- what waits under a cap comes back with passes of this time
        if call("EXISTS", P .. "pk:" .. q) == 0 then
          call("HDEL", qk, "vt" .. priority)
        end
        break
      end
      local keys, passes, bound = {}, {}, math.huge
      for i = 1, #heads / 2 do
        if i > reach then
          bound = tonumber(heads[2 * i])
        else
          keys[i], passes[i] = heads[2 * i - 1], tonumber(heads[2 * i])
        end
      end
      if has_weights then
        local weights = call("HMGET", P .. "w:" .. q, unpack(keys))
        for i = 1, #keys do
          weight_of[keys[i]] = tonumber(weights[i]) or 1
        end
      end
      if kmax then
        local fields = {}
        for i = 1, #keys do
          fields[i] = "k" .. keys[i]
        end
        load_room(fields, kmax)
      end
      local function stride(fk)
        return 1000 / (weight_of[fk] or 1)
      end
      local turns, _, last = take_turns(keys, passes, bound, left, stride, kmax and function(fk)
        return math.max(free_of["k" .. fk], 0)
      end)

      -- the lanes of each key whose turn came
      local lanes_of, fields = {}, {}
      for i = 1, #keys do
        if turns[i] and turns[i] > 0 then
          local found = has_destinations
            and call("ZRANGE", destinations_key(q, priority, keys[i]), 0, turns[i], "WITHSCORES")
          if found and #found > 0 then
            local lane = { names = {}, passes = {}, bound = math.huge, ring = true }
            for j = 1, #found / 2 do
              if j > turns[i] then
                lane.bound = tonumber(found[2 * j])
              else
                lane.names[j], lane.passes[j] = found[2 * j - 1], tonumber(found[2 * j])
                if dmax and lane.names[j] ~= "" then
                  fields[#fields + 1] = "d" .. lane.names[j]
                end
              end
            end
            lanes_of[i] = lane
          else
            lanes_of[i] = { names = { "" }, turns = { turns[i] } }
          end
        end
      end
      if dmax and #fields > 0 then
        load_room(fields, dmax)
      end

      -- how much of each lane, then all of it at once
      local names, entries, job_keys, of_key, of_lane = {}, {}, {}, {}, {}
      for i = 1, #keys do
        local lane = lanes_of[i]
        if lane then
          if lane.ring then
            lane.turns, lane.pass = take_turns(lane.names, lane.passes, lane.bound, turns[i], function()
              return 1000
            end, dmax and function(dest)
              return dest ~= "" and math.max(free_of["d" .. dest], 0) or nil
            end)
          end
          lane.popped, lane.valid = {}, {}
          for j = 1, #lane.names do
            local k = lane.turns[j]
            if k and k > 0 then
              local dest = lane.names[j]
              local popped = call("LPOP", lane_key(q, priority, keys[i], dest), k) or {}
              lane.popped[j], lane.valid[j] = #popped, 0
              pops_left = pops_left - #popped
              for x = 1, #popped do
                local e = #entries + 1
                entries[e] = popped[x]
                names[e] = sub(popped[x], 9)
                job_keys[e] = P .. "j:" .. names[e]
                of_key[e], of_lane[e] = i, j
              end
              if free_of["d" .. dest] and dest ~= "" then
                -- kept for this lane until it is known how much of it is live
                free_of["d" .. dest] = free_of["d" .. dest] - k
              end
            end
          end
        end
      end
      local records = #job_keys > 0 and call("MGET", unpack(job_keys)) or {}
      local of_this_key, live, n_out = {}, 0, #out
      for e = 1, #entries do
        local rec = records[e]
        if rec and sub(rec, 2, 9) == sub(entries[e], 1, 8) and sub(rec, 10, 10) == "S" then
          local i, j = of_key[e], of_lane[e]
          local ref = sub(rec, 73, 80) .. names[e]
          live = live + 1
          local limit = limits(sub(rec, 97, 120))
          local late = nil
          if limit.expires_at <= now then
            late = "e"
          elseif limit.wait > 0 and u6(rec, 44) + limit.wait <= now then
            late = "S"
          end
          if late then
            disarm(ref)
            time_out(names[e], rec, late)
          else
            tail = tail or ("R" .. nonce .. now6 .. Z6 .. worker_number(worker) .. Z4 .. "-")
            local flags, its_tail = byte(rec, 71), tail
            if flags % (2 * FLAG_HEARTBEAT) >= FLAG_HEARTBEAT then
              -- what is kept for this attempt stays as old as it is; of a clock that was ahead it is of now
              its_tail = sub(tail, 1, 15) .. p6(math.min(u6(rec, 25), now)) .. sub(tail, 22)
            end
            local was_built_in = flags % (2 * FLAG_BUILT_IN) >= FLAG_BUILT_IN
            if was_built_in == (node ~= nil) then
              call("SETRANGE", job_keys[e], "9", its_tail)
            else
              flags = was_built_in and flags - FLAG_BUILT_IN or flags + FLAG_BUILT_IN
              call("SETRANGE", job_keys[e], "9", its_tail .. sub(rec, 40, 70) .. string.char(flags))
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
            lanes_of[i].valid[j] = lanes_of[i].valid[j] + 1
            of_this_key[i] = (of_this_key[i] or 0) + 1
            given = given + 1
            out[n_out + 1], out[n_out + 2] = names[e], rec
            n_out = n_out + 2
            happened("l", sub(rec, 40, 43) .. ref)
          end
        end
      end
      if live > 0 then
        count_ready(q, -live)
      end
      for i in pairs(of_this_key) do
        local lane = lanes_of[i]
        for j = 1, #lane.names do
          if lane.valid[j] and lane.valid[j] > 0 then
            count_flight(q, keys[i], lane.names[j], lane.valid[j])
          end
        end
      end

      -- what each key and lane has moved on by
      local moved, gone, unused = {}, {}, {}
      for i = 1, #keys do
        local fk, lane = keys[i], lanes_of[i]
        if lane then
          local done = of_this_key[i] or 0
          local pass = passes[i] + done * stride(fk)
          local left_ring = false
          if free_of["k" .. fk] then
            free_of["k" .. fk] = free_of["k" .. fk] - done
          end
          if lane.ring then
            local dk = destinations_key(q, priority, fk)
            local on, off = {}, {}
            for j = 1, #lane.names do
              local dest, k = lane.names[j], lane.turns[j]
              if k and k > 0 then
                if free_of["d" .. dest] and dest ~= "" then
                  free_of["d" .. dest] = free_of["d" .. dest] + k - lane.valid[j]
                end
                if lane.popped[j] == 0 then
                  off[#off + 1] = dest
                  if dmax and dest ~= "" then
                    unused[#unused + 1] = dest
                  end
                else
                  on[#on + 1] = lane.passes[j] + lane.valid[j] * 1000
                  on[#on + 1] = dest
                end
              elseif k == 0 and free_of["d" .. dest] <= 0 then
                off[#off + 1] = dest
                if call("EXISTS", lane_key(q, priority, fk, dest)) == 1 then
                  call("ZADD", waiting_destination_key(q, priority, dest), pass, fk)
                  call("ZADD", P .. "pk:" .. q, "inf", "d" .. dest)
                end
              end
            end
            add_all(dk, on)
            if #off > 0 then
              call("ZREM", dk, unpack(off))
              left_ring = call("EXISTS", dk) == 0
            end
          else
            left_ring = lane.popped[1] == 0
          end
          if left_ring then
            gone[#gone + 1] = fk
          else
            moved[#moved + 1] = pass % 1 == 0 and num(pass) or pass
            moved[#moved + 1] = fk
          end
        elseif turns[i] == 0 then
          gone[#gone + 1] = fk
          call("ZADD", waiting_key_key(q, fk), passes[i], priority)
          call("ZADD", P .. "pk:" .. q, "inf", "k" .. fk)
          local held = dmax and has_destinations and call("ZRANGE", destinations_key(q, priority, fk), 0, -1) or {}
          for j = 1, #held do
            unused[#unused + 1] = held[j] ~= "" and held[j] or nil
          end
        end
      end
      add_all(ring, moved)
      if #gone > 0 then
        call("ZREM", ring, unpack(gone))
      end
      for i = 1, #unused do
        pass_on(q, unused[i])
      end
      if #unused > 0 then
        -- what came back may be less urgent than all that was there when this lease began
        for p = priority + 1, 5 do
          c[8 + p] = call("HGET", qk, "vt" .. p)
        end
      end
      if last then
        call("HSET", qk, "vt" .. priority, last)
      end
    end
    if given >= want then
      break
    end
    if c[8 + priority] and (rounds >= ROUNDS or pops_left <= 0) then
      -- what is less urgent waits until it is known that nothing else is left here
      out[2] = "1"
      break
    end
  end
  if given < want and out[2] == "0" then
    -- nothing is left that anybody else could lease
    woken[q] = nil
  end
  return out
end
