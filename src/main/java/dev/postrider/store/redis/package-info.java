/**
 * The one implementation of {@code store}: keys, packed records, scripts and the decoding of their
 * replies. Nothing outside of it knows how a job lies in Redis.
 */
@NullMarked
package dev.postrider.store.redis;

import org.jspecify.annotations.NullMarked;
