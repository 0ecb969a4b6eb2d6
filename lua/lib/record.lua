--[[
  The packed record of a run: the one place in Lua that knows its layout. JobRecord.java is the one place in
  Java; JobRecordTest holds them against each other. Numbers are big-endian; times are ms since 1970 in six bytes,
  0 = none. Positions are Lua's, from 1.

    1       version           "A"
    2-9     fence             new with every start and every re-queue; only lane entries carry it
    10      state             S queued  W waiting (start time, back-off)  P paused
                              R started  c cancel requested  p pause requested
                              r reset requested  k reset requested, and paused afterwards
                              C completed  F failed  X canceled  T terminated  O timed out
    11-18   nonce             of the latest lease
    19-24   started_at        of the latest lease
    25-30   heartbeat_at      in the latest attempt; older where details of a heartbeat are kept
    31-34   worker            number in `wn`, of the latest lease
    35-38   heartbeats        in the latest attempt
    39      ender             what ended the latest attempt: - nothing yet  c complete  f fail  x canceled
                              b hand-back  t anything else; tells a repeated report from a late one
    40-43   attempt           from 1; counted up when a failed attempt is put back
    44-49   dispatch_at       when this attempt was or is due
    50-55   closed_at
    56-67   outcome           length (255 none, 254 in `o:`), then up to 11 bytes: the result, of X the
                              details, or of O one
                              letter: s start-to-close  h heartbeat  S schedule-to-start  e schedule-to-close
    68-69   lease_losses
    70      retry_state       - none  N non-retryable  T no time left  M maximum attempts  C cancel requested
    71      flags             1 input in `i:`  2 no input  4 attempts in `a:`  8 heartbeat details in `h:`
                              16 controls in `c:`  32 leased by a built-in worker
                              64 dispatch_at is by the delay that the last failure gave, not by the retry policy
    72      priority          "1".."5"
    73-80   run_id
    81-86   created_at
    87-92   first_dispatch_at
    93-96   chunk             of the log of starts
    97-102  expires_at        schedule-to-close, as a moment
    103-108 schedule_to_start ms
    109-114 start_to_close    ms
    115-120 heartbeat_timeout ms
    121-124 weight            thousandths
    125-    sections, each behind its length: fairness key (1 byte), destination (2), queue (2), type (2),
            retry policy (2; empty = the default; see retry.lua), request id (2), run that this one
            repeats (1), meta (4; opaque here), input (4)
]]
local sub, byte, concat = string.sub, string.byte, table.concat
local Z4, Z6, Z8 = ("\0"):rep(4), ("\0"):rep(6), ("\0"):rep(8)
local NO_OUTCOME = "\255" .. ("\0"):rep(11)
local OUTCOME_ELSEWHERE = "\254" .. ("\0"):rep(11)
local FLAG_INPUT, FLAG_NO_INPUT, FLAG_ATTEMPTS, FLAG_HEARTBEAT, FLAG_CONTROLS, FLAG_BUILT_IN = 1, 2, 4, 8, 16, 32
local FLAG_GIVEN_DELAY = 64
local IS_RUNNING = { R = true, c = true, p = true, r = true, k = true }
local IS_CLOSED = { C = true, F = true, X = true, T = true, O = true }

local function u2(s, at)
  local a, b = byte(s, at, at + 1)
  return a * 256 + b
end

local function u4(s, at)
  local a, b, c, d = byte(s, at, at + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

local function u6(s, at)
  return (struct.unpack(">I6", s, at))
end

local function p6(n)
  return struct.pack(">I6", n)
end

--- Whether a flag is set in a record.
local function has_flag(rec, flag)
  return byte(rec, 71) % (2 * flag) >= flag
end

--- The flags byte of a record with one more flag set.
local function with_flag(rec, flag)
  local flags = byte(rec, 71)
  return string.char(flags % (2 * flag) >= flag and flags or flags + flag)
end

--- A record with a flag set, or cleared.
local function flagged(rec, flag, is_set)
  if has_flag(rec, flag) == is_set then
    return rec
  end
  return sub(rec, 1, 70) .. string.char(byte(rec, 71) + (is_set and flag or -flag)) .. sub(rec, 72)
end

--- Fairness key, destination, queue name and type of a record, and where its retry policy section begins.
local function lane_of(rec)
  local n = byte(rec, 125)
  local fk, at = sub(rec, 126, 125 + n), 126 + n
  n = u2(rec, at)
  local dest = sub(rec, at + 2, at + 1 + n)
  at = at + 2 + n
  n = u2(rec, at)
  local queue = sub(rec, at + 2, at + 1 + n)
  at = at + 2 + n
  n = u2(rec, at)
  return fk, dest, queue, sub(rec, at + 2, at + 1 + n), at + 2 + n
end
