--[[
  What one call moves, gathered and written once per structure at its end: an inner call costs Redis more
  than what it does, so a batch makes one of each kind. Gather with the functions below, then commit().
  Times are ms. A `name` is "<namespace>/<id>" as in the job's key, a `ref` is run_id .. name, a `q` is
  "<namespace>/<queue>".
]]
--- @include "lib/record"
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

--- @rest
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

--- @include "lib/backlog"
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
--- @include "lib/limit"
--- @include "lib/ring"
--- @include "lib/rooms"
--- @include "lib/parking"
--- @include "lib/flight"

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
