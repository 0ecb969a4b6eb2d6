#!lua
--[[
  Start jobs, and lease what is ready to the polls that wait for it in the same step.

  A new run is written, takes its place in its lane (or waits for its time, or paused), and enters the log of
  starts. An id that is taken is answered by its policies, in the order: the same start sent again (known by its
  run id) · the same request id · of an open run idConflictPolicy · of a closed one idReusePolicy · then
  onPayloadMismatch. Refused as a whole, before anything is written, when Redis is full.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per job in the order of the groups, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many groups, then for each: q, priority, fairness key, destination, weight in thousandths,
            how many jobs, and for each
            blob      fence (8), bytes 70-80 of the record, schedule-to-close ms (6), the record from 103 on
            options   "" = all defaults; else idConflictPolicy f u t · idReusePolicy a o r e · onPayloadMismatch i r ·
                      paused 0 1 · start time n (now) d (delay, ms) a (at, ms) and 6 bytes · input after it
                      when that is kept apart
  then      the leases asked for, see lib/leases.lua

  Returns {"started", now_ms, [{index, tag, run id or record}, …], [lease, …], [told, …]}; jobs not named were
    started. Tags
    existing           an existing run answers; with its record
    started            the run this very start made before; with its record
    already_started    refused by policy; with the run id
    payload_mismatch   refused for its type or input; with the run id
  Emits      s (queued), w (waiting for its time), N (paused); T for a run that was terminated for it
  Complexity O(log lanes) for each
]]
--- @include "lib/run"
--- @include "lib/log"
--- @include "lib/queues"
--- @include "lib/leases"
local before_dispatch = Z8 .. Z6 .. Z6 .. Z4 .. Z4 .. "-" .. "\0\0\0\1"
local after_dispatch = Z6 .. NO_OUTCOME .. "\0\0"
local queued = "S" .. before_dispatch .. now6 .. after_dispatch
local born_now = now6 .. now6 .. chunk4

local refs, exceptions = {}, {}

--- What follows from schedule-to-close and schedule-to-start (6 bytes each) for a run that is due now: its
-- expires_at, and the moment to arm or nil. Computed once for each pair.
local dues = {}
local function due_now(limits)
  local due = dues[limits]
  if not due then
    local close, start = u6(limits, 1), u6(limits, 7)
    local expires_at = close > 0 and now + close or nil
    local at = start > 0 and now + start or nil
    if expires_at and (not at or expires_at < at) then
      at = expires_at
    end
    due = { expires = expires_at and p6(expires_at) or Z6, at = at }
    dues[limits] = due
  end
  return due
end

--- Answers for the run that has the id; true when a new run may take its place.
local function may_replace(index, name, old, blob, options)
  local function answer(tag, what)
    exceptions[#exceptions + 1] = { num(index), tag, what }
    return false
  end
  local run_id, state = sub(old, 73, 80), sub(old, 10, 10)
  if run_id == sub(blob, 12, 19) then
    return answer("started", old)
  end
  local replaced = call("GET", P .. "j0:" .. name .. "/" .. sub(blob, 12, 19))
  if replaced then
    return answer("started", replaced)
  end
  -- a record whose first 102 bytes are empty reads its sections at their places
  local new = ("\0"):rep(102) .. sub(blob, 26)
  local _, _, _, old_type, at = lane_of(old)
  local _, _, _, new_type, new_at = lane_of(new)
  at, new_at = at + 2 + u2(old, at), new_at + 2 + u2(new, new_at)
  local old_request = sub(old, at + 2, at + 1 + u2(old, at))
  local new_request = sub(new, new_at + 2, new_at + 1 + u2(new, new_at))
  if new_request ~= "" and new_request == old_request then
    return answer("existing", old)
  end
  local verdict
  if IS_CLOSED[state] then
    local reuse = sub(options, 2, 2)
    if reuse == "e" then
      verdict = "existing"
    elseif reuse == "r" or (reuse == "o" and state == "C") then
      verdict = "already_started"
    end
  else
    local conflict = sub(options, 1, 1)
    if conflict == "u" then
      verdict = "existing"
    elseif conflict ~= "t" then
      verdict = "already_started"
    end
  end
  if not verdict then
    return true
  end
  if sub(options, 3, 3) == "r" then
    local function input_of(rec, from, kept_apart)
      from = from + 2 + u2(rec, from)
      from = from + 1 + byte(rec, from)
      from = from + 4 + u4(rec, from)
      return kept_apart or sub(rec, from + 4)
    end
    local old_apart = has_flag(old, FLAG_INPUT) and call("GET", P .. "i:" .. run_id) or nil
    local new_apart = #options > 11 and sub(options, 12) or nil
    local no_input_differs = has_flag(old, FLAG_NO_INPUT)
      ~= (math.floor(byte(blob, 10) / FLAG_NO_INPUT) % 2 == 1)
    if old_type ~= new_type or no_input_differs
      or input_of(old, at, old_apart) ~= input_of(new, new_at, new_apart) then
      return answer("payload_mismatch", run_id)
    end
  end
  if verdict == "existing" then
    return answer("existing", old)
  end
  return answer(verdict, run_id)
end

--- Makes room for a new run: ends an open one, and keeps the old under its run id.
local function set_aside(name, old)
  if not IS_CLOSED[sub(old, 10, 10)] then
    keep_control(P .. "j:" .. name, old, "terminate", "", "terminated by a start with idConflictPolicy terminate_existing")
    end_now(name, old, "T")
  end
  call("RENAME", P .. "j:" .. name, P .. "j0:" .. name .. "/" .. sub(old, 73, 80))
end

local a, index = 8, 0
local keys = { unpack(KEYS, 2) }
local none_taken = #keys == 0 or call("EXISTS", unpack(keys)) == 0
local fresh = {}
for _ = 1, tonumber(ARGV[7]) do
  local q, priority, fk, dest, weight = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3], ARGV[a + 4]
  local count = tonumber(ARGV[a + 5])
  a = a + 6
  local lane, registered, queued_now = nil, false, 0
  for _ = 1, count do
    local key, blob, options = keys[index + 1], ARGV[a], ARGV[a + 1]
    a = a + 2
    index = index + 1
    local name = sub(key, #P + 3)
    local free = none_taken
    if not free then
      local old = call("GET", key)
      free = not old or may_replace(index, name, old, blob, options ~= "" and options or "fai0n" .. Z6)
      if old and free then
        set_aside(name, old)
      end
    end
    if free then
      if not registered then
        register(q, fk, weight)
        registered = true
      end
      local fence, run_id, due = sub(blob, 1, 8), sub(blob, 12, 19), due_now(sub(blob, 20, 31))
      local ref = run_id .. name
      local head, born, state, first_at, expires = queued, born_now, "S", now, due.expires
      if options ~= "" then
        local when = sub(options, 5, 5)
        if when == "d" then
          first_at = now + u6(options, 6)
        elseif when == "a" then
          first_at = math.max(now, u6(options, 6))
        end
        if sub(options, 4, 4) == "1" then
          state = "P"
        elseif first_at > now then
          state = "W"
        end
        if first_at > now and expires ~= Z6 then
          expires = p6(first_at + u6(blob, 20))
        end
        local first6 = p6(first_at)
        head = state .. before_dispatch .. first6 .. after_dispatch
        born = now6 .. first6 .. chunk4
        if #options > 11 then
          call("SET", P .. "i:" .. run_id, sub(options, 12))
        end
      end
      local rec = "A" .. fence .. head .. sub(blob, 9, 19) .. born .. expires .. sub(blob, 26)
      local n = #refs
      fresh[2 * n + 1], fresh[2 * n + 2] = key, rec
      refs[n + 1] = ref
      if state == "S" then
        lane = lane or lane_in(q, priority, fk, dest)
        lane.entries[#lane.entries + 1] = fence .. name
        queued_now = queued_now + 1
        happened("s", ref)
        if due.at then
          arm(ref, due.at)
        end
      else
        happened(state == "W" and "w" or "N", ref)
        local at = next_moment(rec, state, first_at)
        if at then
          arm(ref, at)
        end
      end
    end
  end
  if queued_now > 0 then
    count_ready(q, priority, fk, now, queued_now)
  end
end
if #refs > 0 then
  call("MSET", unpack(fresh))
  enter_log(refs)
end
commit(true)
return { "started", num(now), exceptions, lease_all(a) }
