--[[
  Lease tasks of one queue, in order of priority, then of the turns of fairness keys and destinations, then of
  dispatch. Never reads past what cannot give: a lane whose destination has no room, or a key that has none, leaves
  the ring when its turn comes and waits under that limit (parking.lua). Entries whose fence is no longer the record's
  are dropped. A queued job past its schedule-to-start or schedule-to-close is closed instead of handed out.

  Tokens of rates go to tasks that are handed out only, of all the limits that a task is under or of none.
]]
--- @include "lib/leasing"
local lease
do
  local ROUNDS = 16

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
