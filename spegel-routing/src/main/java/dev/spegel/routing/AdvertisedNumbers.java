package dev.spegel.routing;

import java.util.Map;

/**
 * How much a node advertises at one moment: what the metrics {@code spegel_advertised_image_tags}, {@code …_image_digests} and
 * {@code …_content_digests} show, each with the label {@code registry}.
 *
 * @param byRegistry by the registry that an image's name begins with. Content of images of several registries counts for each
 * @param keys all keys, those of content that no advertised image needs included
 * @param heldBack how many tags aren't advertised, by reason. Not those that the filters leave out
 */
public record AdvertisedNumbers(
        Map<String, OfRegistry> byRegistry, int keys, Map<HeldBackTag.Reason, Integer> heldBack) {
    public AdvertisedNumbers {
        byRegistry = Map.copyOf(byRegistry);
        heldBack = Map.copyOf(heldBack);
    }

    /**
     * What the advertised images of one registry amount to.
     *
     * @param imageTags tags
     * @param imageDigests different manifests and indexes
     * @param contentDigests different contents of any kind: manifests, indexes, configs, layers
     */
    public record OfRegistry(int imageTags, int imageDigests, int contentDigests) {}
}
