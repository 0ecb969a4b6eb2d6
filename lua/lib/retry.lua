--[[
  Whether and when a job is tried again: the one home of that decision, for a failure that a worker reports, a
  timeout that the reaper finds and a lease that a dead node lost. In this order: a requested cancel ends it, a
  requested reset has it start over, then a non-retryable failure ends it, then the maximum of attempts, then
  schedule-to-close (that ends what starts over too).

  The policy section: initial interval ms (6), coefficient in thousandths (4), maximum interval ms (6), maximum
  attempts (4), jitter in thousandths (2), then each non-retryable type behind its length (2).
  Empty = 1 s, 2.0, 100 s, without end, no jitter.
]]
--- @include "lib/close"
--- @include "lib/reset"
local function policy_of(rec, at)
  local n = u2(rec, at)
  if n == 0 then
    return { initial = 1000, coefficient = 2, maximum = 100000, attempts = 0, jitter = 0, types = {} }
  end
  local p = {
    initial = u6(rec, at + 2),
    coefficient = u4(rec, at + 8) / 1000,
    maximum = u6(rec, at + 12),
    attempts = u4(rec, at + 18),
    jitter = u2(rec, at + 22) / 1000,
    types = {},
  }
  local from, to = at + 24, at + 1 + n
  while from <= to do
    local len = u2(rec, from)
    p.types[sub(rec, from + 2, from + 1 + len)] = true
    from = from + 2 + len
  end
  return p
end

local function interval_after(p, failures)
  local interval = math.min(p.initial * p.coefficient ^ (failures - 1), p.maximum)
  if p.jitter > 0 then
    interval = interval * (1 - p.jitter + 2 * p.jitter * random_fraction())
  end
  return math.floor(interval + 0.5)
end

--- What follows a failed attempt: "again" and when, or "close" and the retry state's letter.
-- at_once: no back-off (a lost heartbeat); next_delay: ms given with the failure, or nil.
local function after_failure(rec, ftype, non_retryable, next_delay, at_once)
  local state = sub(rec, 10, 10)
  if state == "c" then
    return "close", "C"
  end
  local again_at = now
  if not starts_over(state) then
    local _, _, _, _, at = lane_of(rec)
    local p = policy_of(rec, at)
    local attempt = u4(rec, 40)
    if non_retryable or p.types[ftype] then
      return "close", "N"
    end
    if p.attempts > 0 and attempt >= p.attempts then
      return "close", "M"
    end
    if not at_once then
      again_at = now + (next_delay or interval_after(p, attempt))
    end
  end
  local expires_at = u6(rec, 97)
  if expires_at > 0 and again_at >= expires_at then
    return "close", "T"
  end
  return "again", again_at
end

--- Ends the attempt that runs without success, and puts the run back, aside where a pause is requested, or closes it.
-- how: F failed, s start-to-close, h heartbeat. failure, response: packed, or "". by_holder: as for leave_place.
local function end_attempt(name, rec, how, ftype, non_retryable, next_delay, failure, response, by_holder)
  leave_place(name, rec, by_holder)
  local lost = how ~= "F"
  if lost then
    local losses = math.min(u2(rec, 68) + 1, 65535)
    rec = sub(rec, 1, 67) .. struct.pack(">I2", losses) .. sub(rec, 70)
  end
  local verdict, what = after_failure(rec, ftype, non_retryable, next_delay, how == "h")
  -- only the holder's own report is answered alike when it comes again
  local ender = by_holder and "f" or "t"
  if verdict == "close" then
    keep_attempt(rec, how, nil, failure, response)
    local flags = with_flag(rec, FLAG_ATTEMPTS)
    if lost then
      local which = what == "T" and "e" or how
      close(name, rec, "O", ender, inline_outcome(which), what, flags)
    else
      call("SET", P .. "o:" .. sub(rec, 73, 80), failure)
      close(name, rec, "F", ender, OUTCOME_ELSEWHERE, what, flags)
    end
    return
  end
  keep_attempt(rec, how, what, failure, response)
  local state = sub(rec, 10, 10)
  rec = flagged(rec, FLAG_ATTEMPTS, true)
  local attempt = FIRST_ATTEMPT
  if starts_over(state) then
    rec = reset_put_off(name, rec)
  else
    attempt = struct.pack(">I4", u4(rec, 40) + 1)
    rec = flagged(rec, FLAG_GIVEN_DELAY, next_delay ~= nil)
  end
  local item = attempt .. p6(what) .. struct.pack(">I2", #ftype) .. ftype .. sub(rec, 73, 80) .. name
  if pauses(state) then
    happened("q", item)
    put_aside(name, rec, what, ender, attempt)
  else
    happened("r", item)
    put_back(name, rec, what, ender, attempt)
  end
end
