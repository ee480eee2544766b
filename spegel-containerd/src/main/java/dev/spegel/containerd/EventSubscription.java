package dev.spegel.containerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.spegel.containerd.internal.ContentEvent;
import dev.spegel.containerd.internal.Envelope;
import dev.spegel.containerd.internal.ImageEvent;
import dev.spegel.containerd.internal.SubscribeRequest;
import dev.spegel.oci.store.StoreException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One stream of containerd's events, taken for hints: it says which image or content to look at, and nothing is believed but what
 * that look finds. So it does no harm that an event may come before its labels or after its object is gone again, that tells no
 * digest, or that 1.6 to 2.0 tell of no new content at all.
 */
final class EventSubscription implements ClientResponseObserver<SubscribeRequest, Envelope>, AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(EventSubscription.class);

    private final String namespace;
    private final Listener listener;
    private final ContainerdClient.FailureText failures;
    private final EventCounts counts;
    private volatile @Nullable ClientCallStreamObserver<SubscribeRequest> call;

    EventSubscription(String namespace, Listener listener, ContainerdClient.FailureText failures, EventCounts counts) {
        this.namespace = namespace;
        this.listener = listener;
        this.failures = failures;
        this.counts = counts;
    }

    /** Hears what the stream says. */
    interface Listener {
        /** An image of this name was made, changed or deleted. */
        void imageChanged(String name, boolean deleted);

        /** Content of this digest, which is as containerd wrote it, was committed or deleted. */
        void contentChanged(String digest);

        /** Nothing more comes from this stream. */
        void ended(StoreException cause);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<SubscribeRequest> requests) {
        call = requests;
    }

    @Override
    public void onNext(Envelope envelope) {
        if (!envelope.getNamespace().equals(namespace)) {
            return;
        }
        Optional<ContainerdEvent> event = ContainerdEvent.of(envelope.getTopic());
        if (event.isEmpty()) {
            log.debug("containerd sends an event that wasn't asked for: {}", envelope.getTopic());
            return;
        }
        counts.count(event.get());
        ByteString payload = envelope.getEvent().getValue();
        try {
            switch (event.get()) {
                case IMAGE_CREATE, IMAGE_UPDATE ->
                    listener.imageChanged(ImageEvent.parseFrom(payload).getName(), false);
                case IMAGE_DELETE ->
                    listener.imageChanged(ImageEvent.parseFrom(payload).getName(), true);
                case CONTENT_CREATE, CONTENT_DELETE ->
                    listener.contentChanged(ContentEvent.parseFrom(payload).getDigest());
            }
        } catch (InvalidProtocolBufferException e) {
            log.warn(
                    "containerd sends an event {} that can't be read; the next listing makes up for it",
                    envelope.getTopic(),
                    e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        StatusRuntimeException status = failure instanceof StatusRuntimeException known
                ? known
                : Status.fromThrowable(failure).asRuntimeException();
        listener.ended(failures.of("listen to its events", status));
    }

    @Override
    public void onCompleted() {
        onError(Status.UNAVAILABLE
                .withDescription("containerd ended the stream of events")
                .asRuntimeException());
    }

    /** Stops listening. Closing twice is harmless. */
    @Override
    public void close() {
        ClientCallStreamObserver<SubscribeRequest> running = call;
        if (running != null) {
            running.cancel("the follower stops listening", null);
        }
    }
}
