package dev.spegel.registry;

/** How content that other nodes hold gets to this node's containerd. */
public enum MirrorMode {
    /** All of it through this node: verified where that can be, and resumed from another peer when one breaks off or stalls. */
    RELAY,
    /**
     * A blob straight from a peer, to which containerd is sent with status 307: a hop less, but what it gets passes nobody who could
     * verify or resume it. Manifests, {@code HEAD}, and what others than containerd ask for are still relayed. Peers can't be asked for
     * credentials then, as containerd doesn't show a mirror's credentials elsewhere.
     */
    REDIRECT
}
