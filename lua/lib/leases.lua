--[[
  The leases that a call asks for at its end: ARGV[4] node, ARGV[5] its event loop, ARGV[6] nonce of the call,
  and from some position on a count and, for each: q, how many, worker, "b" for the node's built-in worker or "",
  in-flight cap per destination where the queue sets none or "".

  What a loop leased last is kept under its nonce, so that a call whose reply was lost is answered again with
  what of it is still held, and with nothing new.
]]
--- @include "lib/lease"
local NODE, LOOP, NONCE = ARGV[4], ARGV[5], ARGV[6]
local LIVENESS_MS = 6000

local function leased_before(kept)
  local replies, reply, left = {}, nil, 0
  for part in string.gmatch(sub(kept, 9), "[^\n]+") do
    if left == 0 then
      left = tonumber(string.match(part, "^%d+"))
      reply = { "leased", sub(part, -1) == "+" and "1" or "0", num(now) }
      replies[#replies + 1] = reply
    else
      left = left - 1
      local rec = call("GET", P .. "j:" .. part)
      if rec and IS_RUNNING[sub(rec, 10, 10)] and sub(rec, 11, 18) == NONCE then
        reply[3] = num(u6(rec, 19))
        reply[#reply + 1] = part
        reply[#reply + 1] = rec
      end
    end
  end
  return replies
end

--- Answers {tag, more, started_at, name, record, …} for each lease asked for from ARGV[at] on.
local function lease_all(at)
  local count = tonumber(ARGV[at])
  if count == 0 then
    call_out()
    return {}
  end
  local kept = call("HGET", P .. "lr:" .. NODE, LOOP)
  if kept and sub(kept, 1, 8) == NONCE then
    call_out()
    return leased_before(kept)
  end
  local replies, list = {}, {}
  local built_in = false
  for i = 1, count do
    local a = at + 1 + 5 * (i - 1)
    local node = ARGV[a + 3] == "b" and NODE or nil
    built_in = built_in or node
    local got = lease(ARGV[a], tonumber(ARGV[a + 1]), ARGV[a + 2], NONCE, node, ARGV[a + 4])
    local reply = { got[1], got[2], num(now) }
    list[#list + 1] = num((#got - 2) / 2) .. (got[2] == "1" and "+" or "")
    for j = 3, #got, 2 do
      reply[j + 1], reply[j + 2] = got[j], got[j + 1]
      list[#list + 1] = got[j]
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
  return replies
end
