/** The language in which lists are filtered: from text to a tree of conditions. */
@NullMarked
package dev.postrider.api.query;

import org.jspecify.annotations.NullMarked;
