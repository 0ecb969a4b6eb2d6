--[[
  The options of a run as one packed value (PackedOptions.java), read out of its record and written into it:

    1       priority           "1".."5"
    2-7     start_delay        ms, from the run's creation to its first dispatch
    8-13    schedule_to_close  ms, 0 = none
    14-35   schedule_to_start, start_to_close, heartbeat_timeout, weight  as in the record
    36-     fairness key (behind a length of 1), queue (2), retry policy (2)

  What they were at the start is kept in `c:<run_id>` under `original` when they are first changed; where a job that
  was leased changes its queue, `leased_from` keeps the lease's nonce and the q that its worker polled, and where it
  changes queue or fairness key `moved` keeps the nonce: the tokens it took are not those of the limits it is under now.
]]
--- @include "lib/start_over"
--- @include "lib/queues"
local function options_of(rec)
  local fk, _, queue, _, at = lane_of(rec)
  local first, expires_at = u6(rec, 87), u6(rec, 97)
  return sub(rec, 72, 72) .. p6(first - u6(rec, 81)) .. (expires_at > 0 and p6(expires_at - first) or Z6)
    .. sub(rec, 103, 125 + #fk) .. struct.pack(">I2", #queue) .. queue .. sub(rec, at, at + 1 + u2(rec, at))
end

--- Whether a lease of the run has ever been given out.
local function was_leased(rec)
  return sub(rec, 11, 18) ~= Z8
end

--- A record with other options; the start delay of a run that was leased stays as it is.
local function with_options(rec, options)
  local _, dest, _, kind, at = lane_of(rec)
  local queue_at = 37 + byte(options, 36)
  local policy_at = queue_at + 2 + u2(options, queue_at)
  local first = was_leased(rec) and u6(rec, 87) or u6(rec, 81) + u6(options, 2)
  local limit = u6(options, 8)
  return sub(rec, 1, 71) .. sub(options, 1, 1) .. sub(rec, 73, 86) .. p6(first) .. sub(rec, 93, 96)
    .. (limit > 0 and p6(first + limit) or Z6) .. sub(options, 14, queue_at - 1)
    .. struct.pack(">I2", #dest) .. dest .. sub(options, queue_at, policy_at - 1)
    .. struct.pack(">I2", #kind) .. kind .. sub(options, policy_at) .. sub(rec, at + 2 + u2(rec, at))
end

--- Writes a record whose options have changed; its place must be left before, and taken anew. made: the record as it
-- is to be.
local function write_options(name, rec, made)
  local c_key = P .. "c:" .. sub(rec, 73, 80)
  call("HSETNX", c_key, "original", options_of(rec))
  call("SET", P .. "j:" .. name, made)
  local was_fk, _, was_queue = lane_of(rec)
  local fk, _, queue = lane_of(made)
  local namespace = namespace_of(name) .. "/"
  if fk ~= was_fk or queue ~= was_queue or sub(rec, 121, 124) ~= sub(made, 121, 124) then
    register(namespace .. queue, fk, u4(made, 121))
  end
  if queue ~= was_queue and was_leased(rec) then
    local nonce = sub(rec, 11, 18)
    if sub(call("HGET", c_key, "leased_from") or "", 1, 8) ~= nonce then
      call("HSET", c_key, "leased_from", nonce .. namespace .. was_queue)
    end
  end
  if (queue ~= was_queue or fk ~= was_fk) and was_leased(rec) then
    call("HSET", c_key, "moved", sub(rec, 11, 18))
  end
end

--- What the options of a run were at its start; nil if they have never been changed.
local function original_options(rec)
  return has_flag(rec, FLAG_CONTROLS) and call("HGET", P .. "c:" .. sub(rec, 73, 80), "original") or nil
end

--- Writes the record of a run with the options of its start; the record as it is then.
local function restore_options(name, rec)
  local original = original_options(rec)
  if not original or original == options_of(rec) then
    return rec
  end
  local made = with_options(rec, original)
  write_options(name, rec, made)
  return made
end
