#!lua flags=allow-oom
--[[
  Let tasks be leased from a queue again; nodes are told. The partition that the queue's name falls to; the others follow
  (queue/follow.lua).

  KEYS[1]  {tag}m
  ARGV[1-3] now_ms, random, bounds
  ARGV[4]  q
  ARGV[5]  partition, from 0 · ARGV[6] partitions
  ARGV[7]  request id, "" = none
  ARGV[8]  reason: not kept, for the queue is in no state that it would be the reason of

  Returns {"set", field, value, …}, all settings as they are now
  Complexity O(settings)
]]
--[[
  What operators set for a queue, as they gave it, in `cf:<q>`: each change is made in one step, together with what
  follows from it. The same lies in every partition; the one that a queue's name falls to changes it first and counts its
  revisions, the others follow with the whole of it, unless they have heard of a later one.

  Fields: "=rate" and "=krate" the rate of the queue and of each key, "k" .. key and "d" .. destination the rate of one, all
  "<millionths of a token per second> <burst or ->"; "w" .. key a weight; "=max" "=kmax" "=dmax" bounds in flight;
  "=paused" since when, ms; "=rev" revision, "=at" when the limits were changed, ms, "=reason" and "=paused_reason" why;
  "=update_limits" "=pause" "=unpause" the latest request id of each.
]]
--[[
  What one call moves, gathered and written once per structure at its end: an inner call costs Redis more
  than what it does, so a batch makes one of each kind. Gather with the functions below, then commit().
  Times are ms. A `name` is "<namespace>/<id>" as in the job's key, a `ref` is run_id .. name, a `q` is
  "<namespace>/<queue>".
]]
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

local call = redis.call
local P = sub(KEYS[1], 1, -2) -- KEYS[1] is the partition's meta hash, "{tag}m"
local NEAR_MS = 60000
local now
if ARGV[1] == "" then
  local t = call("TIME")
  now = t[1] * 1000 + math.floor(t[2] / 1000)
else
  now = tonumber(ARGV[1])
end
local now6 = p6(now)
local RANDOM = ARGV[2]
local ATTEMPTS_KEPT, RETENTION_MS = u4(ARGV[3], 1), u6(ARGV[3], 5)

local texts = {}
--- A whole number as text. Written once: the same moments and counts recur within a call, and text is also what an
-- inner call takes at a third of a number's cost.
local function num(n)
  local text = texts[n]
  if not text then
    text = string.format("%d", n)
    texts[n] = text
  end
  return text
end

return (function()
local drawn = 0
--- A fence that no other re-queue has: the caller's random bytes and a count within the call.
local function new_fence()
  drawn = drawn + 1
  return sub(RANDOM, 1, 6) .. struct.pack(">I2", drawn)
end

--- A number in [0, 1) from the caller's random bytes, another one at each call.
local function random_fraction()
  drawn = drawn + 1
  return (u4(RANDOM, 5) + drawn * 2654435761) % 4294967296 / 4294967296
end

local near, near_gone, far, node_timers, node_gone = {}, {}, {}, {}, {}
local kinds, flights, lanes, aborts = {}, {}, {}, {}
local woken, opened, noticed = {}, {}, {}

--- Sets the one near timer of a run; a moment more than a minute away waits in the far timers.
local function arm(ref, at, node)
  if node then
    node_timers[node] = node_timers[node] or {}
  end
  local timers = node and node_timers[node] or at - now <= NEAR_MS and near or far
  local n = #timers
  timers[n + 1], timers[n + 2] = num(at), ref
end

--- Takes a run out of the near timers, of a node's own where one leased it.
local function disarm(ref, node)
  if node then
    local t = node_gone[node] or {}
    node_gone[node] = t
    t[#t + 1] = ref
  else
    near_gone[#near_gone + 1] = ref
  end
end

--- Has a run looked at no earlier than `at`, to the minute.
local function look_at(ref, at)
  local n = #far
  far[n + 1], far[n + 2] = num(at), ref
end

--- Reports that something happened to a run. Kinds and their items: the table of events in lua/README.md.
local function happened(kind, item)
  local k = kinds[kind]
  if k then
    k[#k + 1] = item
  else
    kinds[kind] = { item }
  end
end

--- Counts a task into (+1) or out of (-1) what its queue, fairness key and destination have in flight.
local function count_flight(q, fk, dest, n)
  local f = flights[q]
  if not f then
    f = { n = 0, by = {}, ready = 0 }
    flights[q] = f
  end
  f.n = f.n + n
  local k = "k" .. fk
  f.by[k] = (f.by[k] or 0) + n
  if dest ~= "" then
    local d = "d" .. dest
    f.by[d] = (f.by[d] or 0) + n
  end
end

--[[
  What a queue's description tells of its backlog, in counters: live lane entries by priority (`b:<q>`), by priority and
  the second in which they could be dispatched (`bs:<q>`, the oldest of each priority first in `bo<p>:<q>`), by fairness
  key where that is not the empty one (`bk:<q>`, and their sum as `keyed` in `b:<q>`); and how many came ("a") and were
  leased ("l") in each stretch of ten seconds of the last minute or so (`br:<q>`).
]]
local RATE_SLOT_MS = 10000

--- What is gathered of one queue until the commit.
local function backlog_of(f)
  local backlog = f.backlog
  if not backlog then
    backlog = { by_priority = {}, by_second = {}, by_key = {}, added = 0, leased = 0 }
    f.backlog = backlog
  end
  return backlog
end

local commit_backlog
do
  local RATE_SLOTS_KEPT = 8

  local function count_rate(q, letter, n)
    local key = P .. "br:" .. q
    local slot = math.floor(now / RATE_SLOT_MS)
    if call("HINCRBY", key, letter .. num(slot), num(n)) == n then
      local fields = call("HKEYS", key)
      for i = 1, #fields do
        local age = slot - sub(fields[i], 2)
        if age >= RATE_SLOTS_KEPT or age < 0 then
          call("HDEL", key, fields[i])
        end
      end
      call("PEXPIRE", key, num(RATE_SLOT_MS * RATE_SLOTS_KEPT))
    end
  end

  local function commit_keys(q, by_key)
    local keys, key = {}, P .. "bk:" .. q
    for fk, n in pairs(by_key) do
      if n ~= 0 then
        keys[#keys + 1] = fk
      end
    end
    if #keys == 0 then
      return 0
    end
    local counts = call("ZMSCORE", key, unpack(keys))
    local set, gone, sum = {}, {}, 0
    for i = 1, #keys do
      local left = (tonumber(counts[i]) or 0) + by_key[keys[i]]
      sum = sum + by_key[keys[i]]
      if left > 0 then
        set[#set + 1] = num(left)
        set[#set + 1] = keys[i]
      else
        gone[#gone + 1] = keys[i]
      end
    end
    if #set > 0 then
      call("ZADD", key, unpack(set))
    end
    if #gone > 0 then
      call("ZREM", key, unpack(gone))
    end
    return sum
  end

  function commit_backlog(q, backlog)
    local b = P .. "b:" .. q
    for priority, n in pairs(backlog.by_priority) do
      if n ~= 0 and call("HINCRBY", b, priority, num(n)) == 0 then
        call("HDEL", b, priority)
      end
    end
    local keyed = commit_keys(q, backlog.by_key)
    if keyed ~= 0 then
      call("HINCRBY", b, "keyed", num(keyed))
    end
    for field, n in pairs(backlog.by_second) do
      if n ~= 0 then
        local priority, second = sub(field, 1, 1), sub(field, 2)
        local left = call("HINCRBY", P .. "bs:" .. q, field, num(n))
        if left == n then
          call("ZADD", P .. "bo" .. priority .. ":" .. q, second, second)
        elseif left <= 0 then
          call("HDEL", P .. "bs:" .. q, field)
          call("ZREM", P .. "bo" .. priority .. ":" .. q, second)
        end
      end
    end
    if backlog.added > 0 then
      count_rate(q, "a", backlog.added)
    end
    if backlog.leased > 0 then
      count_rate(q, "l", backlog.leased)
    end
  end
end

--- Counts what waits for its turn in a queue. dispatch_at: since when, ms.
local function count_ready(q, priority, fk, dispatch_at, n)
  local f = flights[q]
  if not f then
    f = { n = 0, by = {}, ready = 0 }
    flights[q] = f
  end
  f.ready = f.ready + n
  local backlog = backlog_of(f)
  backlog.by_priority[priority] = (backlog.by_priority[priority] or 0) + n
  local second = priority .. num(math.floor(dispatch_at / 1000))
  backlog.by_second[second] = (backlog.by_second[second] or 0) + n
  if fk ~= "" then
    backlog.by_key[fk] = (backlog.by_key[fk] or 0) + n
  end
  if n > 0 then
    backlog.added = backlog.added + n
  end
end

--- The lane to which entries may be added until the commit.
local function lane_in(q, priority, fk, dest)
  local key = q .. "\t" .. priority .. fk .. "\t" .. dest
  local lane = lanes[key]
  if not lane then
    lane = { q = q, priority = priority, fk = fk, dest = dest, entries = {}, heads = {} }
    lanes[key] = lane
    lanes[#lanes + 1] = lane
  end
  return lane
end

--- Puts a run at the end of its lane, or at its head. dispatch_at: since when it waits, ms.
local function push(q, priority, fk, dest, entry, dispatch_at, at_head)
  local lane = lane_in(q, priority, fk, dest)
  local into = at_head and lane.heads or lane.entries
  into[#into + 1] = entry
  count_ready(q, priority, fk, dispatch_at, 1)
end

--- Tells the node that holds this lease to give the delivery up. A run may be leased again by the time that the node
-- hears of it: only the nonce tells the leases apart.
local function abort(nonce, name)
  aborts[#aborts + 1] = nonce .. name
end
--[[
  A rate limit that holds exactly, the generic cell rate algorithm: in every window of length t no more than
  burst + rate × t tokens are given. What has been given and not been earned yet is the debt; it is paid off at the
  rate, and a token is given while the debt leaves room for one below the burst. A rate of 0 gives nothing.

  All in whole numbers: rates in millionths of a token per second, debts in billionths of a token, so that a
  millisecond pays exactly one unit for each unit of the rate. Up to a million tokens per second all of them stay
  below 2^53. What is kept is a text: the moment it is true at, the debt and the rate.
]]
local TOKEN = 1000000000
local IDLE_LIMIT_MS = 3600000
local TOKENS_OF_MS = 10
local GRANT_MS = 100 -- the life of a grant (queue/limit.lua)

--- A limit as it stands now. kept: what keep_limit returned last, or false. burst: in tokens; nil = one second's worth,
-- at least one.
local function open_limit(kept, rate, burst)
  local limit = { rate = rate, burst = burst and burst * TOKEN or math.max(TOKEN, rate * 1000), debt = 0 }
  if kept then
    local at, debt, old_rate = string.match(kept, "^(%d+) (%d+) (%d+)$")
    -- a moment from the future was written by a clock that has since gone back: nothing was earned since
    local earned = math.max(0, now - at) * old_rate
    limit.debt = math.max(0, math.min(debt - earned, limit.burst))
    -- at another rate it is paid off from now on only
    limit.moved = tonumber(at) > now or tonumber(old_rate) ~= rate
  end
  return limit
end

--- How many tokens may be given now.
local function limit_room(limit)
  return limit.rate > 0 and math.floor((limit.burst - limit.debt) / TOKEN) or 0
end

--- Gives tokens; as many as there was room for.
local function limit_take(limit, n)
  limit.debt = limit.debt + n * TOKEN
  limit.moved = limit.moved or n > 0
end

--- The time until the next token, or the nth from now on, ms; 0 = there is one, math.huge = there will be none.
local function limit_wait(limit, n)
  local missing = limit.debt + (n or 1) * TOKEN - limit.burst
  if limit.rate == 0 then
    return math.huge
  end
  return math.max(0, math.ceil(missing / limit.rate))
end

--- How long whoever asked for so many tokens waits for the next ones: for one where tokens are rare, else for those of
-- ten milliseconds, as far as a quarter of the burst has room for them. To be woken for each of a thousand tokens in a
-- second costs all who wait a lease for each, and none is lost by waiting for some.
local function limit_pause(limit, asked, open)
  local some = math.floor(math.min(limit.burst / TOKEN / 4, limit.rate * TOKENS_OF_MS / TOKEN))
  return limit_wait(limit, (open or 0) + math.max(1, math.min(asked, some)))
end

--- Takes a token back that came to nothing: what of it has not been earned again since, so that what remains given
-- still keeps to the limit.
local function limit_refund(limit, taken_at)
  local owed = math.max(0, TOKEN - math.max(0, now - taken_at) * limit.rate)
  limit.debt = math.max(0, limit.debt - owed)
  limit.moved = true
end

--- What is to be kept of it, and how long at least, ms; nil while that has not changed.
local function keep_limit(limit)
  if limit.moved then
    local paid_off = limit.rate > 0 and math.ceil(limit.debt / limit.rate) or 0
    return num(now) .. " " .. num(limit.debt) .. " " .. num(limit.rate), paid_off + IDLE_LIMIT_MS
  end
end

--- Keeps it under a key of its own, which goes an hour after the limit stopped holding anything up.
local function keep_limit_at(key, limit)
  local kept, for_ms = keep_limit(limit)
  if kept then
    call("SET", key, kept, "PX", num(for_ms))
  end
end

--[[
  Lanes and rings. A lane is a LIST of fence .. name in order of dispatch, one per (queue, priority, fairness
  key, destination). The ring of a priority holds the fairness keys that have work, scored by pass; the
  destinations of a key take turns in a ring of the key's own, which is absent while only the lane without
  destination has work. A drained lane or key stays until its turn finds it empty, so that coming and going
  earns nobody credit.
]]
local function lane_key(q, priority, fk, dest)
  return P .. "l:" .. q .. "\t" .. priority .. fk .. "\t" .. dest
end

local function ring_key(q, priority)
  return P .. "r" .. priority .. ":" .. q
end

local function destinations_key(q, priority, fk)
  return P .. "d:" .. q .. "\t" .. priority .. fk
end

--- Lanes of `dest` wait here under its limits: fairness key -> the key's pass.
local function waiting_destination_key(q, priority, dest)
  return P .. "wd:" .. q .. "\t" .. priority .. dest
end

--- A fairness key waits here under its limits: priority -> the key's pass.
local function waiting_key_key(q, fk)
  return P .. "wk:" .. q .. "\t" .. fk
end

--- Where a priority's turns stand: the pass of the latest lease; "0" begins a ring that was empty.
local function virtual_time(q, priority)
  local qk, field = P .. "q:" .. q, "vt" .. priority
  local vt = call("HGET", qk, field)
  if not vt then
    vt = "0"
    call("HSET", qk, field, vt)
  end
  return vt
end

--- Gives a fairness key a place in the ring, at its own pass or the virtual time, whichever is later.
local function join_ring(q, priority, fk, pass)
  local vt = virtual_time(q, priority)
  if pass and tonumber(pass) > tonumber(vt) then
    vt = pass
  end
  call("ZADD", ring_key(q, priority), "NX", vt, fk)
end

--- Gives a lane a place among the destinations of its key; 0 if it had one.
local function join_destinations(q, priority, fk, dest)
  local key = destinations_key(q, priority, fk)
  local first = call("ZRANGE", key, 0, 0, "WITHSCORES")
  if dest == "" then
    return first[1] and call("ZADD", key, "NX", first[2], "") or 0
  end
  local joined = call("ZADD", key, "NX", first[2] or "0", dest)
  if not first[1] and call("EXISTS", lane_key(q, priority, fk, "")) == 1 then
    call("ZADD", key, "NX", "0", "")
  end
  return joined
end

--- Pushes each lane's entries; a lane that was empty takes its place in the rings and wakes its pollers.
local function push_lanes(list)
  local known, joining = {}, {}
  for i = 1, #list do
    local lane = list[i]
    local q, priority, fk, dest = lane.q, lane.priority, lane.fk, lane.dest
    local key, pushed, len = lane_key(q, priority, fk, dest), #lane.entries + #lane.heads, nil
    if #lane.entries > 0 then
      len = call("RPUSH", key, unpack(lane.entries))
    end
    if #lane.heads > 0 then
      len = call("LPUSH", key, unpack(lane.heads))
    end
    if len == pushed or #lane.heads > 0 then
      local has = known[q]
      if not has then
        has = call("HMGET", P .. "q:" .. q, "dn", "kmax", "conf", "recheck")
        known[q] = has
      end
      if dest ~= "" and not has[1] then
        has[1] = "1"
        call("HSET", P .. "q:" .. q, "dn", "1")
      end
      if has[1] then
        join_destinations(q, priority, fk, dest)
      end
      if not ((has[2] or has[3] or has[4]) and call("ZSCORE", waiting_key_key(q, fk), priority)) then
        local ring = ring_key(q, priority)
        local join = joining[ring]
        if not join then
          join = { "NX", vt = virtual_time(q, priority) }
          joining[ring] = join
        end
        local n = #join
        join[n + 1], join[n + 2] = join.vt, fk
      end
      woken[q] = true
    end
  end
  for ring, join in pairs(joining) do
    call("ZADD", ring, unpack(join))
  end
end

--[[
  How much room there is under the limits of a queue's fairness keys ("k" .. key) and destinations ("d" .. destination):
  bounds on what is in flight, and rates. Limits as they were given lie in `cf:<q>` (lib/queue_settings.lua); what each
  lease needs of them is one text, `conf` in `q:<q>`:

    <partitions> <since> <rate> <burst> <key rate> <key burst> <flags>

  since: ms of the latest change. Rates are in millionths of a token per second, bursts in tokens, "-" = none. Flags: k
  keys have rates of their own, d destinations do, w keys have weights that were set, g the queue's rate is granted by
  the limiter of another partition (queue/limit.lua).

  With several partitions each has its share of a key's and a destination's rate.
]]
local MAX_RATE = 1000000000000
local no_limits = {}

--- What a conf says.
local function read_conf(conf)
  if not conf then
    return no_limits
  end
  local partitions, since, rate, burst, key_rate, key_burst, flags =
    string.match(conf, "^(%d+) (%d+) (%S+) (%S+) (%S+) (%S+) ?(%a*)$")
  return {
    partitions = tonumber(partitions),
    since = tonumber(since),
    rate = tonumber(rate),
    burst = tonumber(burst),
    key_rate = tonumber(key_rate),
    key_burst = tonumber(key_burst),
    keys = string.find(flags, "k", 1, true) and true,
    destinations = string.find(flags, "d", 1, true) and true,
    weights = string.find(flags, "w", 1, true) and true,
    granted = string.find(flags, "g", 1, true) and true,
  }
end

--- The key of a limit's debt. field: "k" .. key or "d" .. destination.
local function limit_key(q, field)
  return P .. "lk:" .. q .. "\t" .. field
end

--- The rooms of a queue. conf: read; kmax, dmax: bounds in flight of each key and destination, or nil; has_weights:
-- jobs have brought weights. `free` says how many more tasks each loaded field may give, nil = any number; `weight` the
-- weight of each loaded key.
local function rooms_of(q, conf, kmax, dmax, has_weights)
  local self = { free = {}, weight = {} }
  local free, weight, taken = self.free, self.weight, {}
  local loaded, cap_free, limits = {}, {}, {}
  local rated_keys = conf.keys or conf.key_rate
  self.limits_keys = kmax or rated_keys
  self.limits_destinations = dmax or conf.destinations

  --- A rate and burst as one partition has them.
  local function share(rate, burst)
    if conf.partitions > 1 then
      rate = rate > 0 and math.max(1, math.floor(rate / conf.partitions)) or 0
      burst = burst and math.max(1, math.floor(burst / conf.partitions))
    end
    return rate, burst
  end

  --- Loads the weights of keys: what was set, else that of the latest start.
  function self.load_weights(keys)
    if not (has_weights or conf.weights) or #keys == 0 then
      return
    end
    local own = has_weights and call("HMGET", P .. "w:" .. q, unpack(keys)) or {}
    local set = {}
    if conf.weights then
      local fields = {}
      for i = 1, #keys do
        fields[i] = "w" .. keys[i]
      end
      set = call("HMGET", P .. "cf:" .. q, unpack(fields))
    end
    for i = 1, #keys do
      weight[keys[i]] = tonumber(set[i] or own[i]) or 1
    end
  end

  --- The rates of fields that have one, opened.
  local function load_rates(fields)
    local own = call("HMGET", P .. "cf:" .. q, unpack(fields))
    local rated, rates, bursts, keys = {}, {}, {}, {}
    for i = 1, #fields do
      local field, rate, burst = fields[i], nil, nil
      if own[i] then
        rate, burst = string.match(own[i], "^(%d+) (%S+)$")
        rate, burst = tonumber(rate), tonumber(burst)
      elseif byte(field) == 107 and conf.key_rate then
        local fk = sub(field, 2)
        if (has_weights or conf.weights) and not weight[fk] then
          self.load_weights({ fk })
        end
        rate, burst = math.floor(conf.key_rate * (weight[fk] or 1) + 0.5), conf.key_burst
        if conf.key_rate > 0 then
          rate = math.min(math.max(rate, 1), MAX_RATE)
        end
      end
      if rate then
        local n = #rated + 1
        rated[n], keys[n] = field, limit_key(q, field)
        rates[n], bursts[n] = share(rate, burst)
      end
    end
    if #rated > 0 then
      local kept = call("MGET", unpack(keys))
      for i = 1, #rated do
        local limit = open_limit(kept[i], rates[i], bursts[i])
        limits[rated[i]] = limit
        -- a changed rate pays from now on, whether or not there is room for a task
        keep_limit_at(keys[i], limit)
      end
    end
  end

  --- Loads how much room fields have.
  function self.load(fields)
    local capped, caps, rated = {}, {}, {}
    for i = 1, #fields do
      local field = fields[i]
      if not loaded[field] then
        loaded[field] = true
        local is_key = byte(field) == 107
        local cap = dmax
        if is_key then
          cap = kmax
        end
        if cap then
          capped[#capped + 1] = field
          caps[#caps + 1] = cap
        end
        if is_key and rated_keys or not is_key and conf.destinations then
          rated[#rated + 1] = field
        end
      end
    end
    if #capped > 0 then
      local counts = call("HMGET", P .. "n:" .. q, unpack(capped))
      for i = 1, #capped do
        cap_free[capped[i]] = caps[i] - (tonumber(counts[i]) or 0)
        free[capped[i]] = math.max(cap_free[capped[i]], 0)
      end
    end
    if #rated > 0 then
      load_rates(rated)
      for i = 1, #rated do
        local limit = limits[rated[i]]
        if limit then
          free[rated[i]] = math.min(free[rated[i]] or math.huge, limit_room(limit))
        end
      end
    end
  end

  --- Gives n tasks under a loaded field.
  function self.take(field, n)
    if free[field] then
      free[field] = free[field] - n
      taken[field] = (taken[field] or 0) + n
    end
  end

  --- When a loaded field may give more than the tasks that are spoken for, ms, or "inf": not before a slot is freed or
  -- its limit is another.
  function self.next_at(field, spoken_for)
    local before = (spoken_for or 0) + (taken[field] or 0)
    if cap_free[field] and cap_free[field] <= before then
      return "inf"
    end
    local wait = limits[field] and limit_pause(limits[field], math.huge, before) or 0
    return wait < math.huge and now + wait or "inf"
  end

  --- Gives the token of a loaded field back that came to nothing; whether it has a rate.
  function self.refund(field, taken_at)
    local limit = limits[field]
    if limit then
      limit_refund(limit, taken_at)
      keep_limit_at(limit_key(q, field), limit)
    end
    return limit ~= nil
  end

  --- Keeps what was given.
  function self.keep()
    for field, n in pairs(taken) do
      local limit = limits[field]
      if limit then
        limit_take(limit, n)
        keep_limit_at(limit_key(q, field), limit)
      end
    end
    taken = {}
  end

  return self
end

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

--[[
  What is in flight: one number per queue (in the queue's hash) and one per fairness key ("k" .. key) and
  destination ("d" .. destination) in `n:<q>`, gone at 0. Every way out of a lease counts through here, and
  what was waiting for the freed slot comes back.
]]
--- Writes the counts gathered by count_flight and count_ready.
local function commit_flights()
  for q, f in pairs(flights) do
    local qk = P .. "q:" .. q
    local have = call("HMGET", qk, "in", "ready", "max", "kmax", "dmax", "dmax0", "recheck")
    local max, kmax, dmax = tonumber(have[3]), tonumber(have[4]), tonumber(have[5] or have[6])
    local was = tonumber(have[1]) or 0
    call("HSET", qk, "in", num(was + f.n), "ready", num((tonumber(have[2]) or 0) + f.ready))
    if max and was >= max and was + f.n < max then
      woken[q] = true
    end
    local fields = {}
    for field in pairs(f.by) do
      fields[#fields + 1] = field
    end
    if #fields > 0 then
      local n = P .. "n:" .. q
      local counts = call("HMGET", n, unpack(fields))
      local set, gone, freed = {}, {}, {}
      for i = 1, #fields do
        local field = fields[i]
        local delta = f.by[field]
        local left = (tonumber(counts[i]) or 0) + delta
        if left > 0 then
          set[#set + 1] = field
          set[#set + 1] = num(left)
        else
          gone[#gone + 1] = field
        end
        if delta < 0 then
          local limit = kmax
          if byte(field) == 100 then
            limit = dmax
          end
          if limit and left < limit and is_parked(q, field, have[7]) then
            freed[#freed + 1] = field
          end
        end
      end
      if #set > 0 then
        call("HSET", n, unpack(set))
      end
      if #gone > 0 then
        call("HDEL", n, unpack(gone))
      end
      if #freed > 0 then
        parking_at(q).look_at(freed)
      end
    end
    if f.backlog then
      commit_backlog(q, f.backlog)
    end
  end
  flights = {}
end


local function add_all(key, pairs_)
  if #pairs_ > 0 then
    call("ZADD", key, unpack(pairs_))
  end
end

--- Tells nodes what became leasable and has not been leased in this call, which queues are held up no longer, what to
-- give up, and whom to tell.
local function call_out()
  for q in pairs(woken) do
    call("PUBLISH", P .. "wake", "q" .. q)
  end
  woken = {}
  for q in pairs(opened) do
    call("PUBLISH", P .. "wake", "o" .. q)
  end
  opened = {}
  for i = 1, #aborts do
    call("PUBLISH", P .. "wake", "x" .. aborts[i])
  end
  aborts = {}
  for worker in pairs(noticed) do
    call("PUBLISH", P .. "wake", "n" .. worker)
  end
  noticed = {}
end

--- Writes everything gathered; more may be gathered and committed after it.
-- leases_follow: nodes are told when they are through.
local function commit(leases_follow)
  if #lanes > 0 then
    push_lanes(lanes)
    lanes = {}
  end
  commit_flights()
  if #near_gone > 0 then
    call("ZREM", P .. "tm", unpack(near_gone))
    near_gone = {}
  end
  for node, refs in pairs(node_gone) do
    call("ZREM", P .. "tm:" .. node, unpack(refs))
  end
  add_all(P .. "tm", near)
  for node, timers in pairs(node_timers) do
    add_all(P .. "tm:" .. node, timers)
  end
  add_all(P .. "far", far)
  near, far, node_timers, node_gone = {}, {}, {}, {}
  if next(kinds) then
    local entry = { P .. "ev", "*", "t", num(now) }
    for kind, items in pairs(kinds) do
      entry[#entry + 1] = kind
      entry[#entry + 1] = concat(items, "\n")
    end
    call("XADD", unpack(entry))
    call("PUBLISH", P .. "happened", "")
    kinds = {}
  end
  if not leases_follow then
    call_out()
  end
end

local settings_q, qk, cf_key
local before, after, changed = {}, {}, {}

local function hash_of(key)
  local flat, hash = call("HGETALL", key), {}
  for i = 1, #flat, 2 do
    hash[flat[i]] = flat[i + 1]
  end
  return hash
end

--- Reads the settings of a queue, to be changed by set() and written by write_settings().
local function read_settings(q)
  settings_q, qk, cf_key = q, P .. "q:" .. q, P .. "cf:" .. q
  before, after, changed = hash_of(cf_key), {}, {}
  for field, value in pairs(before) do
    after[field] = value
  end
end

--- Sets a field; "" removes it. A field "*" and a letter removes all that begin with the letter.
local function set(field, value)
  if byte(field) == 42 then
    for name in pairs(before) do
      if byte(name) == byte(field, 2) then
        after[name] = nil
      end
    end
  else
    after[field] = value ~= "" and value or nil
  end
end

--- Whether the latest control of this kind had this request id; keeps it if not.
local function is_repeated(kind, request_id)
  if request_id == "" then
    return false
  end
  if after["=" .. kind] == request_id then
    return true
  end
  after["=" .. kind] = request_id
  return false
end

--- How many fields begin with a letter. settings: before or after.
local function entries(settings, letter)
  local n = 0
  for field in pairs(settings) do
    if sub(field, 1, 1) == letter then
      n = n + 1
    end
  end
  return n
end

--- What leases read of it (lib/rooms.lua); nil when nothing there limits or weighs.
local function conf_of(partitions)
  local rate, burst = string.match(after["=rate"] or "- -", "^(%S+) (%S+)$")
  local key_rate, key_burst = string.match(after["=krate"] or "- -", "^(%S+) (%S+)$")
  local flags = (rate ~= "-" and partitions > 1) and "g" or ""
  for _, letter in ipairs({ "k", "d", "w" }) do
    flags = flags .. (entries(after, letter) > 0 and letter or "")
  end
  if rate == "-" and key_rate == "-" and flags == "" then
    return nil
  end
  -- this partition's own moment: what it leased before was not charged
  local since = not changed["=at"] and string.match(call("HGET", qk, "conf") or "", "^%d+ (%d+)")
  return concat({ num(partitions), since or num(now), rate, burst, key_rate, key_burst, flags }, " ")
end

--- The part of a bound that this partition has: they add up to the whole.
local function share(bound, partition, partitions)
  if not bound then
    return nil
  end
  local whole = math.floor(bound / partitions)
  return num(whole + (partition < bound % partitions and 1 or 0))
end

local function put_or_remove(field, value)
  if value then
    call("HSET", qk, field, value)
  else
    call("HDEL", qk, field)
  end
end

--- Has everything that waits under a limit looked at again.
local function recheck_all()
  local pk, pk0 = P .. "pk:" .. settings_q, P .. "pk0:" .. settings_q
  if call("EXISTS", pk0) == 1 then
    call("HSET", qk, "recheck", "2")
  elseif call("EXISTS", pk) == 1 then
    call("RENAME", pk, pk0)
    call("HSET", qk, "recheck", "1")
  else
    return
  end
  call("ZADD", P .. "parked", "LT", num(now), settings_q)
end

--- The debt of the queue's own rate goes on at the new one.
local function carry_debt(key, field)
  local rate, burst = string.match(after["=rate"] or "", "^(%d+) (%S+)$")
  local kept = call("HGET", key, field)
  if not rate then
    call("HDEL", key, field)
  elseif kept then
    local _, _, old_rate = string.match(kept, "^(%d+) (%d+) (%d+)$")
    local limit = open_limit(kept, tonumber(old_rate), math.huge)
    limit.moved = true
    -- what is owed at this moment, from which on the new rate pays
    limit.rate = tonumber(rate)
    limit.debt = math.min(limit.debt, open_limit(false, limit.rate, tonumber(burst)).burst)
    call("HSET", key, field, (keep_limit(limit)))
  end
end

--- A key's distance to the virtual time is what its latest turns cost at its old weight; it is that at the new one.
-- times: the virtual time of each priority that has one.
local function rescale(fk, old, new, times)
  for p, vt in pairs(times) do
    local places = { [ring_key(settings_q, p)] = fk, [waiting_key_key(settings_q, fk)] = num(p) }
    for key, member in pairs(places) do
      local pass = tonumber(call("ZSCORE", key, member))
      if pass and pass > vt then
        call("ZADD", key, "XX", string.format("%.17g", vt + (pass - vt) * old / new), member)
      end
    end
  end
end

--- Writes what was set, and has it take effect.
local function write_settings(partition, partitions)
  local set_now, gone, wide, of_keys = {}, {}, false, {}
  for field, value in pairs(after) do
    if before[field] ~= value then
      set_now[#set_now + 1] = field
      set_now[#set_now + 1] = value
      changed[field] = true
    end
  end
  for field in pairs(before) do
    if after[field] == nil then
      gone[#gone + 1] = field
      changed[field] = true
    end
  end
  for i = 1, #set_now, 1000 do
    call("HSET", cf_key, unpack(set_now, i, math.min(i + 999, #set_now)))
  end
  for i = 1, #gone, 1000 do
    call("HDEL", cf_key, unpack(gone, i, math.min(i + 999, #gone)))
  end
  if call("HSETNX", qk, "known", "1") == 1 then
    call("SADD", P .. "queues", settings_q)
  end
  put_or_remove("paused", after["=paused"])
  local conf = conf_of(partitions)
  put_or_remove("conf", conf)
  put_or_remove("max", share(after["=max"], partition, partitions))
  put_or_remove("kmax", share(after["=kmax"], partition, partitions))
  put_or_remove("dmax", share(after["=dmax"], partition, partitions))
  if changed["=rate"] then
    carry_debt(partitions > 1 and P .. "gl:" .. settings_q or qk, "limit")
  end
  if changed["=krate"] or changed["=kmax"] or changed["=dmax"] or not conf then
    -- where nothing limits any more, a lease looks at what waits only when it is told to
    recheck_all()
    wide = true
  end
  local has_weights, times = call("HEXISTS", qk, "hw") == 1, {}
  local vt = call("HMGET", qk, "vt1", "vt2", "vt3", "vt4", "vt5")
  for p = 1, 5 do
    times[p] = tonumber(vt[p])
  end
  for field in pairs(changed) do
    local letter, name = sub(field, 1, 1), sub(field, 2)
    if letter == "w" then
      local own = has_weights and tonumber(call("HGET", P .. "w:" .. settings_q, name) or 1) or 1
      rescale(name, tonumber(before[field]) or own, tonumber(after[field]) or own, times)
      of_keys[#of_keys + 1] = "k" .. name
    elseif letter == "k" or letter == "d" then
      of_keys[#of_keys + 1] = field
    end
  end
  for i = 1, wide and 0 or #of_keys do
    look_again(settings_q, of_keys[i])
  end
  opened[settings_q] = true
end

--- What every control of a queue does: unless its request id says that it has been made already, makes the change and
-- writes it. Arguments: ARGV[4] q, ARGV[5] partition, ARGV[6] partitions, ARGV[7] request id. make: calls set(), or
-- returns the answer of a refusal, and nothing is changed. Returns {"set", field, value, …}, all settings as they are now.
local function change_settings(kind, make)
  read_settings(ARGV[4])
  if not is_repeated(kind, ARGV[7]) then
    after["=rev"] = num(tonumber(before["=rev"] or 0) + 1)
    local refusal = make()
    if refusal then
      return refusal
    end
    write_settings(tonumber(ARGV[5]), tonumber(ARGV[6]))
    call_out()
  end
  local reply = { "set" }
  for field, value in pairs(after) do
    reply[#reply + 1] = field
    reply[#reply + 1] = value
  end
  return reply
end

return change_settings("unpause", function()
  set("=paused", "")
  set("=paused_reason", "")
end)

end)()
