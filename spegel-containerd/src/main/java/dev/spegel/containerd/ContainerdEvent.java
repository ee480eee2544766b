package dev.spegel.containerd;

import java.util.Arrays;
import java.util.Optional;

/** What containerd tells of, by the topic of its event. containerd 1.6 to 2.0 doesn't tell of new content. */
public enum ContainerdEvent {
    IMAGE_CREATE("/images/create"),
    IMAGE_UPDATE("/images/update"),
    IMAGE_DELETE("/images/delete"),
    CONTENT_CREATE("/content/create"),
    CONTENT_DELETE("/content/delete");

    private final String topic;

    ContainerdEvent(String topic) {
        this.topic = topic;
    }

    static Optional<ContainerdEvent> of(String topic) {
        return Arrays.stream(values())
                .filter(event -> event.topic.equals(topic))
                .findFirst();
    }
}
