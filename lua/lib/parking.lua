--[[
  What cannot give waits under the one limit that stops it: a lane under its destination in `wd:…`, a fairness key
  under its own limit in `wk:…`. Each such limit stands once in `pk:<q>`, at the moment it may give again, "inf" = when
  a slot is freed. Then as many come back as it can give to, with their own pass or the ring's virtual time, whichever is
  later. When a limit that many wait under is changed, `pk` is put aside as `pk0` in one step and looked through in
  slices, so that a change costs the same however many wait; `recheck` in `q:<q>` says so.

  Made when it is needed: most calls need none of it.
]]

--- Whether something waits under a limit. recheck: as in the queue's hash.
local function is_parked(q, field, recheck)
  return call("ZSCORE", P .. "pk:" .. q, field) or recheck and call("ZSCORE", P .. "pk0:" .. q, field)
end

--- Has what waits under a limit looked at again at once, wherever the clock goes: it may give more than was known.
local function look_again(q, field)
  if call("ZADD", P .. "pk:" .. q, "XX", "CH", "0", field) == 1 then
    call("ZADD", P .. "parked", "LT", num(now), q)
    woken[q] = true
  end
end

local parking_of
do
  local BACK_AT_ONCE, HELD_AT_ONCE, PASSED_AT_ONCE, LOOK_AGAIN_MS = 256, 128, 1024, 1000

  --- rooms: of the queue; recheck: as in its hash, or false.
  function parking_of(q, rooms, recheck)
    local self = {}
    local pk, pk0 = P .. "pk:" .. q, P .. "pk0:" .. q
    local seen = 0 -- lanes, of all destinations
    local passed = 0 -- destinations, of all keys

    --- Has a limit that something waits under looked at at a moment, ms, or "inf".
    local function wait_until(field, at)
      if at == "inf" then
        call("ZADD", pk, at, field)
      else
        call("ZADD", pk, num(at), field)
        call("ZADD", P .. "parked", "LT", num(at), q)
      end
    end

    local function nothing_waits(field)
      call("ZREM", pk, field)
      if recheck then
        call("ZREM", pk0, field)
      end
    end

    --- Parks a fairness key whose turn came and that has no room, with a place for each priority.
    function self.park_key(priority, fk, pass)
      call("ZADD", waiting_key_key(q, fk), pass, priority)
      wait_until("k" .. fk, rooms.next_at("k" .. fk))
    end

    --- Parks the lane of a key to a destination that has no room.
    function self.park_lane(priority, fk, dest, pass)
      call("ZADD", waiting_destination_key(q, priority, dest), pass, fk)
      wait_until("d" .. dest, rooms.next_at("d" .. dest))
    end

    --- Brings a fairness key back.
    local function free_key(fk)
      local key = waiting_key_key(q, fk)
      local back = call("ZRANGE", key, 0, -1, "WITHSCORES")
      for i = 1, #back, 2 do
        join_ring(q, back[i], fk, back[i + 1])
        woken[q] = true
      end
      call("DEL", key)
      nothing_waits("k" .. fk)
    end

    --- Brings lanes of a destination back, as many as it can give to, the most urgent first. What a fairness key's own
    -- limit holds up goes to wait under that alone; it takes nobody's room, nor does a lane that was drained while it
    -- waited and has its place again. room: how many; nil = as many as there is room for.
    local function free_destination(dest, room)
      local field = "d" .. dest
      room = room or rooms.free[field] or math.huge
      local left, waits = room, false
      for priority = 1, 5 do
        local key = waiting_destination_key(q, priority, dest)
        local back = true
        while back and left > 0 and seen < BACK_AT_ONCE do
          back = call("ZPOPMIN", key, num(math.min(left, BACK_AT_ONCE - seen)))
          for i = 1, #back, 2 do
            seen = seen + 1
            local joined = join_destinations(q, priority, back[i], dest)
            if not call("ZSCORE", waiting_key_key(q, back[i]), priority) then
              join_ring(q, priority, back[i], back[i + 1])
              left = left - joined
              woken[q] = true
            end
          end
          back = #back > 0
        end
        waits = waits or call("EXISTS", key) == 1
      end
      if not waits then
        nothing_waits(field)
      elseif left > 0 then
        wait_until(field, now)
      else
        local at = rooms.next_at(field, room)
        if at == "inf" and rooms.limits_keys then
          -- a key that its own limit stops meanwhile may not use the place that its lane was given
          at = now + LOOK_AGAIN_MS
        end
        wait_until(field, at)
      end
    end

    --- Passes a place at a destination on to whoever waits for one, when who had it cannot use it.
    local function pass_on(dest)
      if is_parked(q, "d" .. dest, recheck) then
        rooms.load({ "d" .. dest })
        if (rooms.free["d" .. dest] or 1) >= 1 then
          free_destination(dest, 1)
        end
      end
    end

    self.pass_on = pass_on

    --- The destinations of a key that is parked may have others waiting for the places of its lanes. Those beyond the
    -- bounds are looked at again in a second anyway.
    function self.pass_on_all(priority, fk)
      local most = math.min(HELD_AT_ONCE, PASSED_AT_ONCE - passed)
      local held = most > 0 and call("ZRANGE", destinations_key(q, priority, fk), 0, most - 1) or {}
      passed = passed + #held
      for i = 1, #held do
        if held[i] ~= "" then
          pass_on(held[i])
        end
      end
    end

    --- The next of those that are to be looked through again.
    local function next_of_recheck(most)
      local popped = call("ZPOPMIN", pk0, most)
      local fields = {}
      for i = 1, #popped, 2 do
        fields[#fields + 1] = popped[i]
      end
      if call("EXISTS", pk0) == 0 then
        local qk = P .. "q:" .. q
        if recheck == "2" and call("EXISTS", pk) == 1 then
          -- limits were changed once more meanwhile
          call("RENAME", pk, pk0)
          recheck = "1"
          call("HSET", qk, "recheck", recheck)
        else
          recheck = false
          call("HDEL", qk, "recheck")
        end
      end
      return fields
    end

    --- Has what waits under limits come back where they have room, or wait on until they may.
    function self.look_at(fields)
      rooms.load(fields)
      for i = 1, #fields do
        local field = fields[i]
        if (rooms.free[field] or 1) < 1 then
          wait_until(field, rooms.next_at(field))
        elseif byte(field) == 107 then
          free_key(sub(field, 2))
        else
          free_destination(sub(field, 2))
        end
      end
    end

    --- Looks at limits whose moment has come, and at some of those that were changed; whether any was.
    function self.unpark(most)
      local due = call("ZRANGE", pk, "-inf", num(now), "BYSCORE", "LIMIT", 0, most)
      if recheck then
        local again = next_of_recheck(most)
        for i = 1, #again do
          due[#due + 1] = again[i]
        end
      end
      if #due == 0 then
        return false
      end
      self.look_at(due)
      return true
    end

    --- The next moment at which a limit is to be looked at, ms; nil = none is known. Now while there are more to look
    -- through than one call does.
    function self.next_moment()
      local head = call("ZRANGE", pk, 0, 0, "WITHSCORES")
      if recheck then
        return now
      end
      local at = tonumber(head[2])
      return at and at < math.huge and at or nil
    end

    return self
  end
end

--- The parking of a queue of which nothing is read yet; its conf, the debt of its rate and how much is ready in it.
local function parking_at(q)
  local c = call("HMGET", P .. "q:" .. q, "kmax", "dmax", "dmax0", "conf", "hw", "recheck", "limit", "ready")
  local conf = read_conf(c[4])
  local rooms = rooms_of(q, conf, tonumber(c[1]), tonumber(c[2] or c[3]), c[5])
  return parking_of(q, rooms, c[6]), conf, c[7], tonumber(c[8] or 0)
end
