/** The nouns of a job's life as pure values: they know neither HTTP nor Redis. */
@NullMarked
package dev.postrider.job;

import org.jspecify.annotations.NullMarked;
