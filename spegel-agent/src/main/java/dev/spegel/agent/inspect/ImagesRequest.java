package dev.spegel.agent.inspect;

import static java.util.Objects.requireNonNull;

/**
 * Which page of the images is wanted.
 *
 * @param after begin after this name; the empty text is before all
 * @param max how many images at most, 1 to {@link #MAX_IMAGES}; a page may have fewer although it isn't the last
 * @param contents whether to name each image's pieces of content
 */
public record ImagesRequest(String after, int max, boolean contents) {
    /** With {@link ImageSurvey#MAX_PAGE_PIECES}, an answer of about a megabyte. */
    public static final int MAX_IMAGES = 500;

    public ImagesRequest {
        requireNonNull(after, "after");
        if (max < 1 || max > MAX_IMAGES) {
            throw new IllegalArgumentException("max is 1 to %d, got %d".formatted(MAX_IMAGES, max));
        }
    }
}
