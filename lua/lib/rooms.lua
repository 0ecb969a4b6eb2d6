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
