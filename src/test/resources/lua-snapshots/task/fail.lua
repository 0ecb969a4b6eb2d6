#!lua flags=allow-oom
--[[
  Fail tasks: each is tried again or closed as its retry policy says (lib/retry.lua), and the next tasks are
  leased in the same step.

  Only while the lease of the token holds; the repetition of the report that ended the attempt is answered as
  the first time, until the next attempt starts.

  KEYS[1]   {tag}m
  KEYS[2…]  {tag}j:<name>  one per report, each once
  ARGV[1-6] now_ms, random, bounds, node, loop, nonce of the leases asked for
  ARGV[7]   how many reports, then for each
            token         attempt (4 bytes) and nonce (8), and "+" to be answered with q and worker
            type          of the failure
            how           "n" = non-retryable, "d" .. ms = the delay until the next attempt, else ""
            failure       packed
            details       of a last heartbeat that comes with it, "" = none does
            response      what the receiver answered, packed, or ""
  then      the leases asked for, see lib/leases.lua

  Returns {"failed", now_ms, [report, …], [lease, …], [told, …]}, each report
    {"ok", state, run_id, dispatch_at_ms, q, worker}   state S or W: tried again at dispatch_at; P: paused; F: closed as failed;
                                                       q and worker where asked for
    {"lost"}                                           the attempt is over, closed or deleted
  Emits      r, q or F
  Complexity O(log timers) for each
]]
--[[
  What scripts of reports share: whether a report's lease holds.
]]
--[[
  Puts an open run that no attempt holds back in line: into its lane when it is due, else to wait for its time. Or
  puts it aside, paused.
]]
--[[
  The ends of attempts and of runs, each in one write. The outcome of a closed run is in its record, or in
  `o:<run_id>` where it does not fit.
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
local woken, noticed = {}, {}

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

--- Counts what waits for its turn in a queue.
local function count_ready(q, n)
  local f = flights[q]
  if not f then
    f = { n = 0, by = {}, ready = 0 }
    flights[q] = f
  end
  f.ready = f.ready + n
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

--- Puts a run at the end of its lane, or at its head.
local function push(q, priority, fk, dest, entry, at_head)
  local lane = lane_in(q, priority, fk, dest)
  local into = at_head and lane.heads or lane.entries
  into[#into + 1] = entry
end

--- Tells the node that holds this lease to give the delivery up. A run may be leased again by the time that the node
-- hears of it: only the nonce tells the leases apart.
local function abort(nonce, name)
  aborts[#aborts + 1] = nonce .. name
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

--- Lanes of `dest` wait here under its cap: fairness key -> the key's pass.
local function waiting_destination_key(q, priority, dest)
  return P .. "wd:" .. q .. "\t" .. priority .. dest
end

--- A fairness key waits here under its cap: priority -> the key's pass.
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
    count_ready(q, pushed)
    if len == pushed or #lane.heads > 0 then
      local has = known[q]
      if not has then
        has = call("HMGET", P .. "q:" .. q, "dn", "kmax")
        known[q] = has
      end
      if dest ~= "" and not has[1] then
        has[1] = "1"
        call("HSET", P .. "q:" .. q, "dn", "1")
      end
      if has[1] then
        join_destinations(q, priority, fk, dest)
      end
      if not (has[2] and call("ZSCORE", waiting_key_key(q, fk), priority)) then
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
  What is in flight: one number per queue (in the queue's hash) and one per fairness key ("k" .. key) and
  destination ("d" .. destination) in `n:<q>`, gone at 0. Every way out of a lease counts through here, and
  what was waiting for the freed slot comes back.
]]
--- Brings back up to `room` of what waits under a destination's cap, the most urgent first. What a fairness key's
-- own cap holds up goes to wait under that alone; it takes nobody's room, nor does a lane that was drained while it
-- waited and has its place again.
local function free_destination(q, dest, room)
  local waits = false
  local key_capped = call("HEXISTS", P .. "q:" .. q, "kmax") == 1
  for priority = 1, 5 do
    local key = waiting_destination_key(q, priority, dest)
    local back = room > 0 and call("ZPOPMIN", key, room) or {}
    while #back > 0 do
      for i = 1, #back, 2 do
        local joined = join_destinations(q, priority, back[i], dest)
        if not (key_capped and call("ZSCORE", waiting_key_key(q, back[i]), priority)) then
          join_ring(q, priority, back[i], back[i + 1])
          room = room - joined
          woken[q] = true
        end
      end
      back = room > 0 and call("ZPOPMIN", key, room) or {}
    end
    waits = waits or call("EXISTS", key) == 1
  end
  if not waits then
    call("ZREM", P .. "pk:" .. q, "d" .. dest)
  end
end

--- Passes a place at a destination on to whoever waits for one, when who had it cannot use it.
local function pass_on(q, dest)
  if call("ZSCORE", P .. "pk:" .. q, "d" .. dest) then
    free_destination(q, dest, 1)
  end
end

--- Brings a fairness key back that waits under its own cap.
local function free_key(q, fk)
  local key = waiting_key_key(q, fk)
  local back = call("ZRANGE", key, 0, -1, "WITHSCORES")
  for i = 1, #back, 2 do
    join_ring(q, back[i], fk, back[i + 1])
    woken[q] = true
  end
  call("DEL", key)
  call("ZREM", P .. "pk:" .. q, "k" .. fk)
end

--- Writes the counts gathered by count_flight and count_ready.
local function commit_flights()
  for q, f in pairs(flights) do
    local qk = P .. "q:" .. q
    local have = call("HMGET", qk, "in", "ready", "max", "kmax", "dmax", "dmax0")
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
      local set, gone = {}, {}
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
          if limit and left < limit and call("ZSCORE", P .. "pk:" .. q, field) then
            if byte(field) == 100 then
              free_destination(q, sub(field, 2), limit - left)
            else
              free_key(q, sub(field, 2))
            end
          end
        end
      end
      if #set > 0 then
        call("HSET", n, unpack(set))
      end
      if #gone > 0 then
        call("HDEL", n, unpack(gone))
      end
    end
  end
  flights = {}
end


local function add_all(key, pairs_)
  if #pairs_ > 0 then
    call("ZADD", key, unpack(pairs_))
  end
end

--- Tells nodes what became leasable and has not been leased in this call, what to give up, and whom to tell.
local function call_out()
  for q in pairs(woken) do
    call("PUBLISH", P .. "wake", "q" .. q)
  end
  woken = {}
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
--[[
  What a worker is to be told of the leases that it holds: a set per worker, `nt:<namespace>/<worker>`, of
  nonce .. name → when what is asked of that lease changed. The worker's next lease call takes it (leases.lua) and
  reads what is asked from the record, so that only the latest state is told. An entry whose lease is over tells
  nothing. The set goes after a week in which nothing was added: by then its worker polls no more.
]]
local NOTICES_KEPT_S = num(7 * 86400)
local NOTICES_TOLD = 100

--- The set of the worker that holds a lease, and what names it to nodes: <namespace>/<worker>.
local function notices_of(name, rec)
  local worker = worker_of(rec)
  if worker then
    worker = namespace_of(name) .. "/" .. worker
    return P .. "nt:" .. worker, worker
  end
end

--- Has the worker that holds this lease told what is asked of it now. A node's built-in worker is told otherwise
-- (abort, in step.lua).
local function notify(name, rec)
  if has_flag(rec, FLAG_BUILT_IN) then
    return
  end
  local key, worker = notices_of(name, rec)
  if key then
    call("ZADD", key, num(now), sub(rec, 11, 18) .. name)
    call("EXPIRE", key, NOTICES_KEPT_S)
    noticed[worker] = true
  end
end

--- Takes back what its worker has not been told yet of a lease; whether there was such.
local function unnotify(name, rec)
  if has_flag(rec, FLAG_BUILT_IN) then
    return false
  end
  local key = notices_of(name, rec)
  return key ~= nil and call("ZREM", key, sub(rec, 11, 18) .. name) == 1
end

--- The same when the lease ends. Of one of which nothing was asked nothing is told either.
local function forget_notice(name, rec)
  if sub(rec, 10, 10) ~= "R" then
    unnotify(name, rec)
  end
end

--- Takes what a worker is to be told, the oldest first: nonce .. name of each lease, and whether there is more.
local function take_notices(namespace, worker)
  local key = P .. "nt:" .. namespace .. "/" .. worker
  local taken = call("ZRANGE", key, 0, NOTICES_TOLD - 1)
  if #taken > 0 then
    call("ZREM", key, unpack(taken))
  end
  return taken, #taken == NOTICES_TOLD
end


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
      count_ready(q, -1)
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

--- The next moment at which a run in `state` needs looking at, ms; nil = none.
local function next_moment(rec, state, dispatch_at)
  local at, limit = math.huge, u6(rec, 97)
  if limit > 0 then
    at = limit
  end
  if state == "S" then
    limit = u6(rec, 103)
    if limit > 0 then
      at = math.min(at, dispatch_at + limit)
    end
  elseif state == "W" then
    at = math.min(at, dispatch_at)
  elseif IS_RUNNING[state] then
    limit = u6(rec, 109)
    if limit > 0 then
      at = math.min(at, u6(rec, 19) + limit)
    end
    limit = u6(rec, 115)
    if limit > 0 and not has_flag(rec, FLAG_BUILT_IN) then
      at = math.min(at, math.max(u6(rec, 19), u6(rec, 25)) + limit)
    end
  end
  return at < math.huge and at or nil
end

--- Writes a run as one that no attempt holds, and has it looked at when its next moment comes.
local function put(name, rec, fence, state, dispatch_at, ender, attempt, flags)
  call("SETRANGE", P .. "j:" .. name, "1", fence .. state .. sub(rec, 11, 38) .. ender .. attempt .. p6(dispatch_at)
    .. sub(rec, 50, 70) .. (flags or sub(rec, 71, 71)))
  local at = next_moment(rec, state, dispatch_at)
  if at then
    arm(sub(rec, 73, 80) .. name, at)
  end
end

--- Writes a run back as queued or waiting. attempt: its 4 bytes; flags: the byte, or nil = as it is.
local function put_back(name, rec, dispatch_at, ender, attempt, flags, at_head)
  local state = dispatch_at <= now and "S" or "W"
  local fence = new_fence()
  put(name, rec, fence, state, dispatch_at, ender, attempt, flags)
  if state == "S" then
    local fk, dest, queue = lane_of(rec)
    push(namespace_of(name) .. "/" .. queue, sub(rec, 72, 72), fk, dest, fence .. name, at_head)
  end
end

--- Writes a run as paused; dispatch_at is the soonest that it may be dispatched when it goes on.
local function put_aside(name, rec, dispatch_at, ender, attempt)
  put(name, rec, sub(rec, 2, 9), "P", dispatch_at, ender, attempt)
end

--- The record of a task if it is still leased as the token says; else nil and, where this very report has been
-- taken before, the record it left. attempt: 4 bytes; nonce: 8; ender: this report's letter.
local function held(key, attempt, nonce, ender)
  local rec = call("GET", key)
  if not rec or sub(rec, 11, 18) ~= nonce then
    return nil
  end
  if IS_RUNNING[sub(rec, 10, 10)] then
    return sub(rec, 40, 43) == attempt and rec or nil
  end
  if sub(rec, 39, 39) == ender then
    local reported = u4(attempt, 1)
    local stands = u4(rec, 40)
    -- the nonce tells the lease; a failed attempt is followed by the next number, and any by 1 after a reset
    if stands == reported or stands == 1 or (ender == "f" and stands == reported + 1) then
      return nil, rec
    end
  end
  return nil
end

--- Adds to a report's answer of which queue and worker the lease was. q: the queue of its record.
local function name_holder(reply, q, rec)
  local from = has_flag(rec, FLAG_CONTROLS) and call("HGET", P .. "c:" .. sub(rec, 73, 80), "leased_from") or ""
  reply[5] = sub(from, 1, 8) == sub(rec, 11, 18) and sub(from, 9) or q
  reply[6] = worker_of(rec) or false
end

--- Where a run stands: {tag, state, run_id, dispatch_at_ms}, and q and worker where the token asks for them.
-- leased: the record while the lease held, where its options may have been restored since.
local function standing(tag, rec, name, token, leased)
  local reply = { tag, sub(rec, 10, 10), sub(rec, 73, 80), num(u6(rec, 44)) }
  if #token > 12 then
    local _, _, queue = lane_of(leased or rec)
    name_holder(reply, namespace_of(name) .. "/" .. queue, leased or rec)
  end
  return reply
end

--[[
  Whether and when a job is tried again: the one home of that decision, for a failure that a worker reports, a
  timeout that the reaper finds and a lease that a dead node lost. In this order: a requested cancel ends it, a
  requested reset has it start over, then a non-retryable failure ends it, then the maximum of attempts, then
  schedule-to-close (that ends what starts over too).

  The policy section: initial interval ms (6), coefficient in thousandths (4), maximum interval ms (6), maximum
  attempts (4), jitter in thousandths (2), then each non-retryable type behind its length (2).
  Empty = 1 s, 2.0, 100 s, without end, no jitter.
]]
--[[
  What a reset does to a run beside its attempt number: at once when no attempt runs, else when the one that runs has
  ended. `on_reset` in `c:<run_id>` keeps what is put off: h = drop the heartbeat details, o = restore the options.
]]
--[[
  The options of a run as one packed value (PackedOptions.java), read out of its record and written into it:

    1       priority           "1".."5"
    2-7     start_delay        ms, from the run's creation to its first dispatch
    8-13    schedule_to_close  ms, 0 = none
    14-35   schedule_to_start, start_to_close, heartbeat_timeout, weight  as in the record
    36-     fairness key (behind a length of 1), queue (2), retry policy (2)

  What they were at the start is kept in `c:<run_id>` under `original` when they are first changed; where a job that
  was leased changes its queue, `leased_from` keeps the lease's nonce and the q that its worker polled.
]]
--[[
  What a queue is known by before anything was ever leased from it.
]]
local queues = {}
--- Makes a queue known, and a key's weight that of this job: the latest that was started into it or moved there.
-- weight: thousandths.
local function register(q, fk, weight)
  local known = queues[q]
  if not known then
    known = call("HMGET", P .. "q:" .. q, "known", "hw")
    queues[q] = known
  end
  if not known[1] then
    known[1] = "1"
    call("HSET", P .. "q:" .. q, "known", "1")
    call("SADD", P .. "queues", q)
  end
  if tonumber(weight) ~= 1000 then
    known[2] = "1"
    call("HSET", P .. "q:" .. q, "hw", "1")
    call("HSET", P .. "w:" .. q, fk, string.format("%.17g", weight / 1000))
  elseif known[2] then
    call("HDEL", P .. "w:" .. q, fk)
  end
end

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

local FIRST_ATTEMPT = "\0\0\0\1"

--- Whether a run in this state starts over at attempt 1 when its attempt has ended.
local function starts_over(state)
  return state == "r" or state == "k"
end

--- Whether a run in this state is paused when its attempt has ended.
local function pauses(state)
  return state == "p" or state == "k"
end

--- Does what the reset asks for; the record as it is then. Its place must have been left. what: the letters above.
local function reset_beside(name, rec, what)
  if string.find(what, "h", 1, true) then
    call("DEL", P .. "h:" .. sub(rec, 73, 80))
    rec = flagged(sub(rec, 1, 24) .. Z6 .. sub(rec, 31), FLAG_HEARTBEAT, false)
  end
  if string.find(what, "o", 1, true) then
    rec = restore_options(name, rec)
  end
  return flagged(rec, FLAG_GIVEN_DELAY, false)
end

--- Does what a reset has put off; the record as it is then.
local function reset_put_off(name, rec)
  local key = P .. "c:" .. sub(rec, 73, 80)
  local what = call("HGET", key, "on_reset")
  if not what then
    return reset_beside(name, rec, "")
  end
  call("HDEL", key, "on_reset")
  return reset_beside(name, rec, what)
end

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

--[[
  A sign that an attempt is worked on, and what it leaves for the next one: the latest details, in `h:<run_id>`.
]]
local function p4(n)
  return struct.pack(">I4", n)
end

--- A running record as a heartbeat leaves it, of which bytes 25-71 are to be written. details: "" = the last ones
-- stay.
local function after_beat(rec, details)
  local flags = sub(rec, 71, 71)
  if details ~= "" then
    call("SET", P .. "h:" .. sub(rec, 73, 80), details)
    flags = with_flag(rec, FLAG_HEARTBEAT)
  end
  return sub(rec, 1, 24) .. now6 .. sub(rec, 31, 34) .. p4(math.min(u4(rec, 35) + 1, 2147483647)) .. sub(rec, 39, 70)
    .. flags .. sub(rec, 72)
end

--- Stores a heartbeat of the attempt that runs.
local function beat(key, name, rec, details)
  local after = after_beat(rec, details)
  call("SETRANGE", key, "24", sub(after, 25, 71))
  if u6(rec, 115) > 0 and not has_flag(rec, FLAG_BUILT_IN) then
    local at = next_moment(after, sub(rec, 10, 10), u6(rec, 44))
    local ref = sub(rec, 73, 80) .. name
    if at - now > NEAR_MS then
      disarm(ref)
    end
    arm(ref, at)
  end
  happened("h", sub(rec, 40, 43) .. sub(rec, 10, 10) .. sub(rec, 73, 80) .. name)
end

--[[
  The leases that a call asks for at its end: ARGV[4] node, ARGV[5] its event loop, ARGV[6] nonce of the call,
  and from some position on a count and, for each: q, how many, worker, "b" for the node's built-in worker, "r" and the
  worker's rate in millionths of a task per second, or "", in-flight cap per destination where the queue sets none or "".

  A worker's lease takes its notices along (notices.lua). What a loop leased last, and what was told with it, is kept
  under its nonce, so that a call whose reply was lost is answered again with what of it is still held, and with
  nothing new.
]]
--[[
  Lease tasks of one queue, in order of priority, then of the turns of fairness keys and destinations, then of
  dispatch. Never reads past what cannot give: a lane under its destination's full cap, or a key under its own,
  leaves the ring for a waiting set when its turn comes, and is brought back by the slot that is freed
  (flight.lua). Entries whose fence is no longer the record's are dropped. A queued job past its
  schedule-to-start or schedule-to-close is closed instead of handed out.
]]
--[[
  Stride scheduling in memory. Given heads in order of pass, hands out `want` turns one by one to whoever has
  the lowest pass, which then grows by its stride; exact, and without a heap: those who take another turn join
  one queue per distinct stride, in which passes only grow.
]]
--- names, passes: in order of pass. bound: the pass at which an unseen head would be next.
-- stride(name) and room(name) are asked once each turn; room may be nil (no limit).
-- Returns turns per index, new pass per index, and the pass of the last turn given.
-- An index in reach that had no room has turns 0; one out of reach has nil.
local function take_turns(names, passes, bound, want, stride, room)
  local turns, pass, last = {}, {}, nil
  local queues, order = {}, {}
  local i, n = 1, #names
  if n == 1 and bound == math.huge and stride(names[1]) % 1 == 0 then
    -- nobody to take turns with: the same sums at once
    local free = room and room(names[1]) or math.huge
    local given, s = math.min(want, free), stride(names[1])
    return { given }, { passes[1] + given * s }, given > 0 and passes[1] + (given - 1) * s or nil
  end
  while want > 0 do
    local best, at, from = nil, math.huge, nil
    if i <= n then
      best, at = i, passes[i]
    end
    for s = 1, #order do
      local queue = order[s]
      local head = queue[queue.first]
      if head and pass[head] < at then
        best, at, from = head, pass[head], queue
      end
    end
    if not best or at > bound then
      break
    end
    if from then
      from.first = from.first + 1
    else
      i = i + 1
    end
    local name, had = names[best], turns[best] or 0
    local free = room and room(name)
    if free and had >= free then
      turns[best] = had
      pass[best] = at
    else
      turns[best] = had + 1
      want = want - 1
      last = at
      local s = stride(name)
      pass[best] = at + s
      local queue = queues[s]
      if not queue then
        queue = { first = 1 }
        queues[s] = queue
        order[#order + 1] = queue
      end
      queue[#queue + 1] = best
    end
  end
  return turns, pass, last
end

local HEADS = 128
local ROUNDS = 16

--- The number under which records name a worker; a new one is given out at its first lease.
local function worker_number(worker)
  local number = call("HGET", P .. "w", worker)
  if not number then
    number = num(call("HINCRBY", P .. "m", "workers", 1))
    call("HSET", P .. "w", worker, number)
    call("HSET", P .. "wn", number, worker)
  end
  call("ZADD", P .. "ws", num(now), worker)
  return struct.pack(">I4", number)
end

--- nonce: 8 bytes; node: whose built-in worker asks, or nil; dmax0: in-flight cap per destination where the
-- queue sets none, or "".
-- Returns tag ("leased", "paused" or "capped"), more ("1" when it stopped at a bound), and name, record
-- (as it was before) by turns.
local function lease(q, want, worker, nonce, node, dmax0)
  local qk = P .. "q:" .. q
  local c = call("HMGET", qk, "paused", "max", "in", "kmax", "dmax", "dn", "hw", "dmax0",
    "vt1", "vt2", "vt3", "vt4", "vt5")
  if c[1] then
    return { "paused", "0" }
  end
  if c[2] then
    local free = c[2] - (c[3] or 0)
    if free < 1 then
      return { "capped", "0" }
    end
    want = math.min(want, free)
  end
  if dmax0 ~= "" and dmax0 ~= c[8] then
    call("HSET", qk, "dmax0", dmax0)
    c[8] = dmax0
  end
  local kmax, dmax, has_destinations, has_weights = tonumber(c[4]), tonumber(c[5] or c[8]), c[6], c[7]
  local out, tail = { "leased", "0" }, nil
  local n_key = P .. "n:" .. q
  local free_of, weight_of, limits_of = {}, {}, {}
  local pops_left = 4 * want + 64
  local given = 0

  --- When a queued record's time is up and when an attempt that starts now ends, from the timeouts in its bytes
  -- 97-120: read once for all that have the same.
  local function limits(bytes)
    local found = limits_of[bytes]
    if not found then
      local expires_at, limit, heartbeat = u6(bytes, 1), u6(bytes, 13), u6(bytes, 19)
      found = { expires_at = expires_at > 0 and expires_at or math.huge, wait = u6(bytes, 7) }
      found.built_in = limit > 0 and math.min(found.expires_at, now + limit) or found.expires_at
      found.ends_at = heartbeat > 0 and math.min(found.built_in, now + heartbeat) or found.built_in
      limits_of[bytes] = found
    end
    return found
  end

  --- Loads how many more tasks each field ("k"/"d" .. name) may have in flight.
  local function load_room(fields, limit)
    local missing = {}
    for i = 1, #fields do
      if not free_of[fields[i]] then
        missing[#missing + 1] = fields[i]
        free_of[fields[i]] = limit
      end
    end
    if #missing > 0 then
      local counts = call("HMGET", n_key, unpack(missing))
      for i = 1, #missing do
        free_of[missing[i]] = limit - (tonumber(counts[i]) or 0)
      end
    end
  end

  for priority = 1, 5 do
    local rounds = 0
    while given < want and c[8 + priority] and rounds < ROUNDS and pops_left > 0 do
      rounds = rounds + 1
      local left = want - given
      local ring = ring_key(q, priority)
      local reach = math.min(left, HEADS)
      local heads = call("ZRANGE", ring, 0, reach, "WITHSCORES")
      if #heads == 0 then
        -- what waits under a cap comes back with passes of this time
        if call("EXISTS", P .. "pk:" .. q) == 0 then
          call("HDEL", qk, "vt" .. priority)
        end
        break
      end
      local keys, passes, bound = {}, {}, math.huge
      for i = 1, #heads / 2 do
        if i > reach then
          bound = tonumber(heads[2 * i])
        else
          keys[i], passes[i] = heads[2 * i - 1], tonumber(heads[2 * i])
        end
      end
      if has_weights then
        local weights = call("HMGET", P .. "w:" .. q, unpack(keys))
        for i = 1, #keys do
          weight_of[keys[i]] = tonumber(weights[i]) or 1
        end
      end
      if kmax then
        local fields = {}
        for i = 1, #keys do
          fields[i] = "k" .. keys[i]
        end
        load_room(fields, kmax)
      end
      local function stride(fk)
        return 1000 / (weight_of[fk] or 1)
      end
      local turns, _, last = take_turns(keys, passes, bound, left, stride, kmax and function(fk)
        return math.max(free_of["k" .. fk], 0)
      end)

      -- the lanes of each key whose turn came
      local lanes_of, fields = {}, {}
      for i = 1, #keys do
        if turns[i] and turns[i] > 0 then
          local found = has_destinations
            and call("ZRANGE", destinations_key(q, priority, keys[i]), 0, turns[i], "WITHSCORES")
          if found and #found > 0 then
            local lane = { names = {}, passes = {}, bound = math.huge, ring = true }
            for j = 1, #found / 2 do
              if j > turns[i] then
                lane.bound = tonumber(found[2 * j])
              else
                lane.names[j], lane.passes[j] = found[2 * j - 1], tonumber(found[2 * j])
                if dmax and lane.names[j] ~= "" then
                  fields[#fields + 1] = "d" .. lane.names[j]
                end
              end
            end
            lanes_of[i] = lane
          else
            lanes_of[i] = { names = { "" }, turns = { turns[i] } }
          end
        end
      end
      if dmax and #fields > 0 then
        load_room(fields, dmax)
      end

      -- how much of each lane, then all of it at once
      local names, entries, job_keys, of_key, of_lane = {}, {}, {}, {}, {}
      for i = 1, #keys do
        local lane = lanes_of[i]
        if lane then
          if lane.ring then
            lane.turns, lane.pass = take_turns(lane.names, lane.passes, lane.bound, turns[i], function()
              return 1000
            end, dmax and function(dest)
              return dest ~= "" and math.max(free_of["d" .. dest], 0) or nil
            end)
          end
          lane.popped, lane.valid = {}, {}
          for j = 1, #lane.names do
            local k = lane.turns[j]
            if k and k > 0 then
              local dest = lane.names[j]
              local popped = call("LPOP", lane_key(q, priority, keys[i], dest), k) or {}
              lane.popped[j], lane.valid[j] = #popped, 0
              pops_left = pops_left - #popped
              for x = 1, #popped do
                local e = #entries + 1
                entries[e] = popped[x]
                names[e] = sub(popped[x], 9)
                job_keys[e] = P .. "j:" .. names[e]
                of_key[e], of_lane[e] = i, j
              end
              if free_of["d" .. dest] and dest ~= "" then
                -- kept for this lane until it is known how much of it is live
                free_of["d" .. dest] = free_of["d" .. dest] - k
              end
            end
          end
        end
      end
      local records = #job_keys > 0 and call("MGET", unpack(job_keys)) or {}
      local of_this_key, live, n_out = {}, 0, #out
      for e = 1, #entries do
        local rec = records[e]
        if rec and sub(rec, 2, 9) == sub(entries[e], 1, 8) and sub(rec, 10, 10) == "S" then
          local i, j = of_key[e], of_lane[e]
          local ref = sub(rec, 73, 80) .. names[e]
          live = live + 1
          local limit = limits(sub(rec, 97, 120))
          local late = nil
          if limit.expires_at <= now then
            late = "e"
          elseif limit.wait > 0 and u6(rec, 44) + limit.wait <= now then
            late = "S"
          end
          if late then
            disarm(ref)
            time_out(names[e], rec, late)
          else
            tail = tail or ("R" .. nonce .. now6 .. Z6 .. worker_number(worker) .. Z4 .. "-")
            local flags, its_tail = byte(rec, 71), tail
            if flags % (2 * FLAG_HEARTBEAT) >= FLAG_HEARTBEAT then
              -- what is kept for this attempt stays as old as it is; of a clock that was ahead it is of now
              its_tail = sub(tail, 1, 15) .. p6(math.min(u6(rec, 25), now)) .. sub(tail, 22)
            end
            local was_built_in = flags % (2 * FLAG_BUILT_IN) >= FLAG_BUILT_IN
            if was_built_in == (node ~= nil) then
              call("SETRANGE", job_keys[e], "9", its_tail)
            else
              flags = was_built_in and flags - FLAG_BUILT_IN or flags + FLAG_BUILT_IN
              call("SETRANGE", job_keys[e], "9", its_tail .. sub(rec, 40, 70) .. string.char(flags))
            end
            if node then
              local start_by = limit.wait > 0 and u6(rec, 44) + limit.wait or math.huge
              if math.min(start_by, limit.expires_at) - now <= NEAR_MS then
                disarm(ref)
              end
              arm(ref, limit.built_in, node)
            else
              arm(ref, limit.ends_at)
            end
            lanes_of[i].valid[j] = lanes_of[i].valid[j] + 1
            of_this_key[i] = (of_this_key[i] or 0) + 1
            given = given + 1
            out[n_out + 1], out[n_out + 2] = names[e], rec
            n_out = n_out + 2
            happened("l", sub(rec, 40, 43) .. ref)
          end
        end
      end
      if live > 0 then
        count_ready(q, -live)
      end
      for i in pairs(of_this_key) do
        local lane = lanes_of[i]
        for j = 1, #lane.names do
          if lane.valid[j] and lane.valid[j] > 0 then
            count_flight(q, keys[i], lane.names[j], lane.valid[j])
          end
        end
      end

      -- what each key and lane has moved on by
      local moved, gone, unused = {}, {}, {}
      for i = 1, #keys do
        local fk, lane = keys[i], lanes_of[i]
        if lane then
          local done = of_this_key[i] or 0
          local pass = passes[i] + done * stride(fk)
          local left_ring = false
          if free_of["k" .. fk] then
            free_of["k" .. fk] = free_of["k" .. fk] - done
          end
          if lane.ring then
            local dk = destinations_key(q, priority, fk)
            local on, off = {}, {}
            for j = 1, #lane.names do
              local dest, k = lane.names[j], lane.turns[j]
              if k and k > 0 then
                if free_of["d" .. dest] and dest ~= "" then
                  free_of["d" .. dest] = free_of["d" .. dest] + k - lane.valid[j]
                end
                if lane.popped[j] == 0 then
                  off[#off + 1] = dest
                  if dmax and dest ~= "" then
                    unused[#unused + 1] = dest
                  end
                else
                  on[#on + 1] = lane.passes[j] + lane.valid[j] * 1000
                  on[#on + 1] = dest
                end
              elseif k == 0 and free_of["d" .. dest] <= 0 then
                off[#off + 1] = dest
                if call("EXISTS", lane_key(q, priority, fk, dest)) == 1 then
                  call("ZADD", waiting_destination_key(q, priority, dest), pass, fk)
                  call("ZADD", P .. "pk:" .. q, "inf", "d" .. dest)
                end
              end
            end
            add_all(dk, on)
            if #off > 0 then
              call("ZREM", dk, unpack(off))
              left_ring = call("EXISTS", dk) == 0
            end
          else
            left_ring = lane.popped[1] == 0
          end
          if left_ring then
            gone[#gone + 1] = fk
          else
            moved[#moved + 1] = pass % 1 == 0 and num(pass) or pass
            moved[#moved + 1] = fk
          end
        elseif turns[i] == 0 then
          gone[#gone + 1] = fk
          call("ZADD", waiting_key_key(q, fk), passes[i], priority)
          call("ZADD", P .. "pk:" .. q, "inf", "k" .. fk)
          local held = dmax and has_destinations and call("ZRANGE", destinations_key(q, priority, fk), 0, -1) or {}
          for j = 1, #held do
            unused[#unused + 1] = held[j] ~= "" and held[j] or nil
          end
        end
      end
      add_all(ring, moved)
      if #gone > 0 then
        call("ZREM", ring, unpack(gone))
      end
      for i = 1, #unused do
        pass_on(q, unused[i])
      end
      if #unused > 0 then
        -- what came back may be less urgent than all that was there when this lease began
        for p = priority + 1, 5 do
          c[8 + p] = call("HGET", qk, "vt" .. p)
        end
      end
      if last then
        call("HSET", qk, "vt" .. priority, last)
      end
    end
    if given >= want then
      break
    end
    if c[8 + priority] and (rounds >= ROUNDS or pops_left <= 0) then
      -- what is less urgent waits until it is known that nothing else is left here
      out[2] = "1"
      break
    end
  end
  if given < want and out[2] == "0" then
    -- nothing is left that anybody else could lease
    woken[q] = nil
  end
  return out
end

--[[
  How many tasks a worker is given in a second at most, over all queues of a namespace: a limit of its own in
  `lw:<namespace>/<worker>`, which goes an hour after it stopped holding anything up.
]]
--[[
  A rate limit that holds exactly, the generic cell rate algorithm: in every window of length t no more than
  burst + rate × t tokens are given. What has been given and not been earned yet is the debt; it is paid off at the
  rate, and a token is given while the debt leaves room for one below the burst.

  All in whole numbers: rates in millionths of a token per second, debts in billionths of a token, so that a
  millisecond pays exactly one unit for each unit of the rate. Up to a million tokens per second all of them stay
  below 2^53. What is kept is a text: the moment it is true at, the debt and the rate.
]]
local TOKEN = 1000000000

--- A limit as it stands now. kept: what keep_limit returned last, or false. burst: in tokens; nil = one second's worth,
-- at least one.
local function open_limit(kept, rate, burst)
  local limit = { rate = rate, burst = burst and burst * TOKEN or math.max(TOKEN, rate * 1000), debt = 0 }
  if kept then
    local at, debt, old_rate = string.match(kept, "^(%d+) (%d+) (%d+)$")
    -- a moment from the future was written by a clock that has since gone back: nothing was earned since
    local earned = math.max(0, now - at) * old_rate
    limit.debt = math.max(0, math.min(debt - earned, limit.burst))
    limit.moved = tonumber(at) > now
  end
  return limit
end

--- How many tokens may be given now.
local function limit_room(limit)
  return math.floor((limit.burst - limit.debt) / TOKEN)
end

--- Gives tokens; as many as there was room for.
local function limit_take(limit, n)
  limit.debt = limit.debt + n * TOKEN
  limit.moved = limit.moved or n > 0
end

--- The time until the next token, ms; 0 = there is one.
local function limit_wait(limit)
  return math.max(0, math.ceil((limit.debt + TOKEN - limit.burst) / limit.rate))
end

--- What is to be kept of it, and how long at least, ms; nil while that has not changed.
local function keep_limit(limit)
  if limit.moved then
    return num(now) .. " " .. num(limit.debt) .. " " .. num(limit.rate), math.ceil(limit.debt / limit.rate)
  end
end

local IDLE_LIMIT_MS = 3600000

local function worker_limit_key(namespace, worker)
  return P .. "lw:" .. namespace .. "/" .. worker
end

local function open_worker_limit(namespace, worker, rate)
  local key = worker_limit_key(namespace, worker)
  local limit = open_limit(call("GET", key), rate)
  limit.key = key
  return limit
end

local function keep_worker_limit(limit)
  local kept, for_ms = keep_limit(limit)
  if kept then
    call("SET", limit.key, kept, "PX", num(for_ms + IDLE_LIMIT_MS))
  end
end

--- Gives the token of a lease back that came to nothing: what of it has not been earned again since, so that what
-- remains given still keeps to the limit.
local function refund_worker(name, rec)
  local worker = worker_of(rec)
  local key = worker and worker_limit_key(namespace_of(name), worker)
  local kept = key and call("GET", key)
  if kept then
    local rate = tonumber(string.match(kept, "(%d+)$"))
    local limit = open_limit(kept, rate)
    local owed = math.max(0, TOKEN - math.max(0, now - u6(rec, 19)) * rate)
    limit.debt = math.max(0, limit.debt - owed)
    limit.key, limit.moved = key, true
    keep_worker_limit(limit)
  end
end

local NODE, LOOP, NONCE = ARGV[4], ARGV[5], ARGV[6]
local LIVENESS_MS = 6000

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

--- What is kept of a call: its nonce, then a line for each lease (how many tasks, "+" = more, "~" and ms = the time
-- until its limit gives again), each followed by the names of its tasks and, behind a \1, nonce and name of what it
-- was told.
local function leased_before(kept)
  local replies, told, reply, left = {}, {}, nil, 0
  for part in string.gmatch(sub(kept, 9), "[^\n]+") do
    if byte(part) == 1 then
      tell(told[#told], unhex(sub(part, 2, 17)), sub(part, 18))
    elseif left == 0 then
      left = tonumber(string.match(part, "^%d+"))
      reply = { "leased", string.find(part, "+", 1, true) and "1" or "0", num(now) }
      replies[#replies + 1] = reply
      told[#told + 1] = { num(#replies), string.match(part, "~(%d+)") or "" }
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

--- Answers {tag, more, started_at, name, record, …} for each lease asked for from ARGV[at] on, and, where there is
-- such, a list of what askers are told beside it: {index of the lease, next_in_ms or "", token, name, state, …}.
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
  local replies, told, list = {}, {}, {}
  local built_in = false
  for i = 1, count do
    local a = at + 1 + 5 * (i - 1)
    local node = ARGV[a + 3] == "b" and NODE or nil
    built_in = built_in or node
    local want = tonumber(ARGV[a + 1])
    told[i] = { num(i), "" }
    local rate = tonumber(string.match(ARGV[a + 3], "^r(%d+)$"))
    local limit = rate and open_worker_limit(namespace_of(ARGV[a]), ARGV[a + 2], rate)
    local room = limit and math.min(want, limit_room(limit)) or want
    local got = room > 0 and lease(ARGV[a], room, ARGV[a + 2], NONCE, node, ARGV[a + 4]) or { "leased", "0" }
    if limit then
      local given = (#got - 2) / 2
      limit_take(limit, given)
      keep_worker_limit(limit)
      if room < want and given == room then
        told[i][2] = num(limit_wait(limit))
      end
    end
    local taken, more_notices = {}, false
    if not node then
      taken, more_notices = take_notices(namespace_of(ARGV[a]), ARGV[a + 2])
    end
    if more_notices then
      got[2] = "1"
    end
    local reply = { got[1], got[2], num(now) }
    list[#list + 1] = num((#got - 2) / 2) .. (got[2] == "1" and "+" or "")
      .. (told[i][2] ~= "" and "~" .. told[i][2] or "")
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

local replies = {}
local count = tonumber(ARGV[7])
for i = 1, count do
  local key, a = KEYS[i + 1], 8 + 6 * (i - 1)
  local token, ftype, how, failure = ARGV[a], ARGV[a + 1], ARGV[a + 2], ARGV[a + 3]
  local details, response = ARGV[a + 4], ARGV[a + 5]
  local name = sub(key, #P + 3)
  local rec, before = held(key, sub(token, 1, 4), sub(token, 5, 12), "f")
  if rec then
    local delay = string.match(how, "^d(%d+)$")
    if details ~= "" then
      rec = after_beat(rec, details)
    end
    end_attempt(name, rec, "F", ftype, how == "n", tonumber(delay), failure, response, true)
    replies[i] = standing("ok", call("GET", key), name, token, rec)
  else
    replies[i] = before and standing("ok", before, name, token) or { "lost" }
  end
end
commit(true)
return { "failed", num(now), replies, lease_all(8 + 6 * count) }

