--[[
  What operators set for a queue, as they gave it, in `cf:<q>`: each change is made in one step, together with what
  follows from it. The same lies in every partition; the one that a queue's name falls to changes it first and counts its
  revisions, the others follow with the whole of it, unless they have heard of a later one.

  Fields: "=rate" and "=krate" the rate of the queue and of each key, "k" .. key and "d" .. destination the rate of one, all
  "<millionths of a token per second> <burst or ->"; "w" .. key a weight; "=max" "=kmax" "=dmax" bounds in flight;
  "=paused" since when, ms; "=rev" revision, "=at" when the limits were changed, ms, "=reason" and "=paused_reason" why;
  "=update_limits" "=pause" "=unpause" the latest request id of each.
]]
--- @include "lib/step"
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
