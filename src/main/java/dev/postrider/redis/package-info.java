/**
 * The way to Redis: links, subscriptions, start-up checks, and the Redis that the service runs
 * itself.
 */
@NullMarked
package dev.postrider.redis;

import org.jspecify.annotations.NullMarked;
