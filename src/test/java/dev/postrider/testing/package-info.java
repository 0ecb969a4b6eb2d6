/** What tests of several packages share. */
@NullMarked
package dev.postrider.testing;

import org.jspecify.annotations.NullMarked;
