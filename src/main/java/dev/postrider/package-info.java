/** The command line and the wiring of one Postrider process. */
@NullMarked
package dev.postrider;

import org.jspecify.annotations.NullMarked;
