--[[
  The ends of attempts and of runs, each in one write. The outcome of a closed run is in its record, or in
  `o:<run_id>` where it does not fit.
]]
--- @include "lib/step"
--- The fixed part of a name up to its first "/": the namespace as it stands in keys.
local function namespace_of(name)
  return sub(name, 1, string.find(name, "/", 1, true) - 1)
end

local workers = {}
--- The worker of a run's latest lease; nil when it is long forgotten.
local function worker_of(rec)
  local number = sub(rec, 31, 34)
  if workers[number] == nil then
    workers[number] = call("HGET", P .. "wn", num(u4(number, 1)))
  end
  return workers[number] or nil
end

local nodes = {}
--- The node whose built-in worker holds the lease, or nil.
local function node_of(rec)
  if has_flag(rec, FLAG_BUILT_IN) then
    local number = sub(rec, 31, 34)
    if nodes[number] == nil then
      local worker = worker_of(rec)
      nodes[number] = worker and string.match(worker, "^postrider/(.*)$") or false
    end
    return nodes[number] or nil
  end
end
--- @include "lib/notices"

--- Whether all the attempts kept after a place were handed back.
local function handed_back_after(key, place)
  local entries = call("LRANGE", key, place + 1, -1)
  for i = 1, #entries do
    if sub(entries[i], 29, 29) ~= "b" then
      return false
    end
  end
  return true
end

--- Keeps an attempt that ended. how: C F X T completed, failed, canceled, terminated; s h e its timeouts; b handed
-- back, where only the last of several in a row by one worker is kept. failure and response are packed by Failures.java
-- and opaque here. A completion is kept beside the bound: where its record alone tells of it, it takes no place either.
local function keep_attempt(rec, how, next_at, failure, response)
  local key = P .. "a:" .. sub(rec, 73, 80)
  local entry = sub(rec, 40, 49) .. sub(rec, 19, 24) .. now6 .. p6(next_at or 0) .. how
    .. sub(rec, 35, 38) .. sub(rec, 31, 34) .. struct.pack(">I4", #failure) .. failure .. response
  local last = how == "b" and has_flag(rec, FLAG_ATTEMPTS) and call("LINDEX", key, -1)
  if last and sub(last, 29, 29) == "b" and sub(last, 1, 4) == sub(entry, 1, 4)
    and sub(last, 34, 37) == sub(entry, 34, 37) then
    call("LSET", key, -1, entry)
    return
  end
  local len = call("RPUSH", key, entry)
  if how ~= "C" and len > ATTEMPTS_KEPT then
    local middle = math.floor(ATTEMPTS_KEPT / 2)
    if how == "b" and handed_back_after(key, middle) then
      -- the last failure is what an open job tells
      middle = middle + 1
    end
    call("LSET", key, middle, "")
    call("LREM", key, 1, "")
    call("HINCRBY", P .. "c:" .. sub(rec, 73, 80), "omitted", 1)
  end
end

--- Takes a run out of wherever it is while it is open. by_holder: whoever holds its lease asks for it, and knows.
local function leave_place(name, rec, by_holder)
  local state = sub(rec, 10, 10)
  local ref = sub(rec, 73, 80) .. name
  local fk, dest, queue = lane_of(rec)
  local q = namespace_of(name) .. "/" .. queue
  if IS_RUNNING[state] then
    local node = node_of(rec)
    disarm(ref, node)
    count_flight(q, fk, dest, -1)
    forget_notice(name, rec)
    if node and not by_holder then
      abort(sub(rec, 11, 18), name)
    end
  else
    disarm(ref)
    if state == "S" then
      count_ready(q, sub(rec, 72, 72), fk, u6(rec, 44), -1)
      local lane = lane_key(q, sub(rec, 72, 72), fk, dest)
      if call("LLEN", lane) <= 1000 then
        call("LREM", lane, 1, sub(rec, 2, 9) .. name)
      end
    end
  end
end

--- Writes the closing of a run. key, ref: of the run; rec: its first 80 bytes, or more. status: its letter.
-- outcome: the record's 12 bytes.
local function close_at(key, ref, rec, status, ender, outcome, retry_state, flags)
  call("SETRANGE", key, "9", status .. sub(rec, 11, 38) .. ender .. sub(rec, 40, 49) .. now6
    .. outcome .. sub(rec, 68, 69) .. retry_state .. (flags or sub(rec, 71, 71)))
  look_at(ref, now + RETENTION_MS + NEAR_MS)
  happened(status, sub(rec, 40, 43) .. ref)
end

--- The same by name.
local function close(name, rec, status, ender, outcome, retry_state, flags)
  close_at(P .. "j:" .. name, sub(rec, 73, 80) .. name, rec, status, ender, outcome, retry_state, flags)
end

local outcomes = {}
--- An outcome of one letter or a short result.
local function inline_outcome(value)
  local outcome = outcomes[value]
  if not outcome then
    outcome = string.char(#value) .. value .. ("\0"):rep(11 - #value)
    outcomes[value] = outcome
  end
  return outcome
end

--- The record's 12 bytes of an outcome: "-" = none, else "=" and the value, which is kept apart if it is long.
local function keep_outcome(run_id, value)
  if byte(value) ~= 61 then
    return NO_OUTCOME
  end
  if #value <= 12 then
    return inline_outcome(sub(value, 2))
  end
  call("SET", P .. "o:" .. run_id, sub(value, 2))
  return OUTCOME_ELSEWHERE
end

--- The ender of a run that something else than a report closes: an attempt that ended before keeps its own, so that
-- its report is still known when it is repeated.
local function ender_at_close(rec)
  return IS_RUNNING[sub(rec, 10, 10)] and "t" or sub(rec, 39, 39)
end

--- Closes an open run for want of time. which: S schedule-to-start, e schedule-to-close. Its place must have been
-- left before.
local function time_out(name, rec, which)
  local flags = nil
  if IS_RUNNING[sub(rec, 10, 10)] then
    keep_attempt(rec, which, nil, "", "")
    flags = with_flag(rec, FLAG_ATTEMPTS)
  end
  close(name, rec, "O", ender_at_close(rec), inline_outcome(which), "T", flags)
end
