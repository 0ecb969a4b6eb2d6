--[[
  The leases that a call asks for at its end: ARGV[4] node, ARGV[5] its event loop, ARGV[6] nonce of the call,
  and from some position on a count and, for each: q, how many, worker, "b" for the node's built-in worker, "r" and the
  worker's rate in millionths of a task per second, or "", in-flight cap per destination where the queue sets none or "",
  and what another partition's limiter allows, "<tokens> <until ms>", or "".

  A worker's lease takes its notices along (notices.lua). What a loop leased last, and what was told with it, is kept
  under its nonce, so that a call whose reply was lost is answered again with what of it is still held, and with
  nothing new.
]]
--- @include "lib/lease"
--- @include "lib/worker_limit"
local NODE, LOOP, NONCE = ARGV[4], ARGV[5], ARGV[6]
local lease_all
do
  local LIVENESS_MS, POLLERS_KEPT_MS = 6000, 600000

  --- The record of a job while a lease under this nonce holds.
  local function leased_under(nonce, name)
    local rec = call("GET", P .. "j:" .. name)
    return rec and IS_RUNNING[sub(rec, 10, 10)] and sub(rec, 11, 18) == nonce and rec or nil
  end

  --- Adds to what the asker of a lease is told: the token of a lease, its name, and the state that says what is asked.
  local function tell(told, nonce, name)
    local rec = leased_under(nonce, name)
    if rec then
      local n = #told
      told[n + 1], told[n + 2], told[n + 3] = sub(rec, 40, 43) .. nonce, name, sub(rec, 10, 10)
    end
  end

  --- Those that tell more than which lease they are of and that nothing limits it.
  local function worth_telling(told)
    local all = {}
    for i = 1, #told do
      if #told[i] > 2 or told[i][2] ~= "" then
        all[#all + 1] = told[i]
      end
    end
    if #all > 0 then
      return all
    end
  end

  local function hex(bytes)
    return (string.gsub(bytes, ".", function(c)
      return string.format("%02x", byte(c))
    end))
  end

  local function unhex(text)
    return (string.gsub(text, "..", function(c)
      return string.char(tonumber(c, 16))
    end))
  end

  --- What is kept of a call: its nonce, then a line for each lease (how many tasks, "+" = more, "?" and how many with a
  -- grant, "~" and what has to be waited for), each followed by the names of its tasks and, behind a \1, nonce and name
  -- of what it was told.
  local function leased_before(kept, at)
    local replies, told, reply, left = {}, {}, nil, 0
    for part in string.gmatch(sub(kept, 9), "[^\n]+") do
      if byte(part) == 1 then
        tell(told[#told], unhex(sub(part, 2, 17)), sub(part, 18))
      elseif left == 0 then
        left = tonumber(string.match(part, "^%d+"))
        local ungranted = string.match(part, "%?(%d+)")
        if ungranted then
          reply = { "ungranted", ungranted, num(now) }
        else
          local grant = ARGV[at + 6 * (#replies + 1)]
          reply = { grant ~= "" and "again" or "leased", string.find(part, "+", 1, true) and "1" or "0", num(now) }
        end
        replies[#replies + 1] = reply
        told[#told + 1] = { num(#replies), string.match(part, "~(.*)$") or "" }
      else
        left = left - 1
        local rec = leased_under(NONCE, part)
        if rec then
          reply[3] = num(u6(rec, 19))
          reply[#reply + 1] = part
          reply[#reply + 1] = rec
        end
      end
    end
    return replies, worth_telling(told)
  end

  --- Notes who polls a queue.
  local function seen_polling(q, worker)
    local key = P .. "po:" .. q
    if call("ZADD", key, num(now), worker) == 1 then
      call("ZREMRANGEBYSCORE", key, "-inf", num(now - POLLERS_KEPT_MS))
    end
  end

  --- Answers {tag, more, started_at, name, record, …} for each lease asked for from ARGV[at] on, and, where there is
  -- such, a list of what askers are told beside it: {index of the lease, waits, token, name, state, …}. Tags as of
  -- lease() (lease.lua), and "again" for what a repeated call with a grant is answered: how much of that was used is not
  -- known. waits: what has to be waited for, as of lease(), and before it "w" and ms until the worker's own rate gives
  -- again; "" = nothing.
  function lease_all(at)
    local count = tonumber(ARGV[at])
    if count == 0 then
      call_out()
      return {}
    end
    local kept = call("HGET", P .. "lr:" .. NODE, LOOP)
    if kept and sub(kept, 1, 8) == NONCE then
      call_out()
      return leased_before(kept, at)
    end
    local replies, told, list = {}, {}, {}
    local built_in = false
    for i = 1, count do
      local a = at + 1 + 6 * (i - 1)
      local node = ARGV[a + 3] == "b" and NODE or nil
      built_in = built_in or node
      local want = tonumber(ARGV[a + 1])
      local rate = tonumber(string.match(ARGV[a + 3], "^r(%d+)$"))
      local limit = rate and open_worker_limit(namespace_of(ARGV[a]), ARGV[a + 2], rate)
      local room = limit and math.min(want, limit_room(limit)) or want
      local got, waits = { "leased", "0" }, ""
      if room > 0 then
        got, waits = lease(ARGV[a], room, ARGV[a + 2], NONCE, node, ARGV[a + 4], ARGV[a + 5])
      end
      if limit then
        local given = (#got - 2) / 2
        limit_take(limit, given)
        keep_limit_at(limit.key, limit)
        if room < want and given == room then
          waits = "w" .. num(limit_wait(limit)) .. (waits == "" and "" or " " .. waits)
        end
      end
      told[i] = { num(i), waits }
      seen_polling(ARGV[a], ARGV[a + 2])
      local taken, more_notices = {}, false
      if not node then
        taken, more_notices = take_notices(namespace_of(ARGV[a]), ARGV[a + 2])
      end
      if more_notices and got[1] ~= "ungranted" then
        got[2] = "1"
      end
      local reply = { got[1], got[2], num(now) }
      list[#list + 1] = num((#got - 2) / 2) .. (got[1] == "ungranted" and "?" .. got[2] or got[2] == "1" and "+" or "")
        .. (waits ~= "" and "~" .. waits or "")
      for j = 3, #got, 2 do
        reply[j + 1], reply[j + 2] = got[j], got[j + 1]
        list[#list + 1] = got[j]
      end
      for j = 1, #taken do
        local nonce, name = sub(taken[j], 1, 8), sub(taken[j], 9)
        tell(told[i], nonce, name)
        list[#list + 1] = "\1" .. hex(nonce) .. name
      end
      replies[i] = reply
      commit(true)
      if woken[ARGV[a]] and call("HGET", P .. "q:" .. ARGV[a], "ready") == "0" then
        woken[ARGV[a]] = nil
      end
    end
    call_out()
    if built_in and call("ZADD", P .. "nodes", "NX", num(now + LIVENESS_MS), NODE) == 1 then
      call("PERSIST", P .. "lr:" .. NODE)
    end
    call("HSET", P .. "lr:" .. NODE, LOOP, NONCE .. concat(list, "\n"))
    return replies, worth_telling(told)
  end
end
