/** What tests of several packages share: a real Redis, flushed before each test. */
@NullMarked
package dev.postrider.testing;

import org.jspecify.annotations.NullMarked;
