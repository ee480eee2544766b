package dev.spegel.libp2p.identity;

/**
 * Keys, signatures and records that other implementations made, in hexadecimal. SPEC is libp2p/specs,
 * peer-ids/peer-ids.md; GO is go-libp2p, core/crypto/test_data and core/peer/peer_test.go; JS is js-libp2p,
 * packages/crypto/test/fixtures and packages/peer-record/test; JVM is jvm-libp2p, PeerIdTest.kt.
 */
public final class Vectors {
    /** What the signatures of GO are over. */
    static final String GO_MESSAGE = "Libp2p is the _best_!";

    /** What the signatures of JS are over. */
    static final String JS_MESSAGE = "hello! and welcome to some awesome crypto primitives";

    static final String SPEC_ED25519_PRIVATE =
            "080112407e0830617c4a7de83925dfb2694556b12936c477a0e1feb2e148ec9da60fee7d1ed1e8fae2c4a144b8be8fd4"
                    + "b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

    static final String SPEC_ED25519_PUBLIC =
            "080112201ed1e8fae2c4a144b8be8fd4b47bf3d3b34b871c3cacf6010f0e42d474fce27e";

    static final String SPEC_SECP256K1_PRIVATE =
            "0802122053dadf1d5a164d6b4acdb15e24aa4c5b1d3461bdbd42abedb0a4404d56ced8fb";

    static final String SPEC_SECP256K1_PUBLIC =
            "08021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99";

    static final String SPEC_ECDSA_PRIVATE =
            "08031279307702010104203e5b1fe9712e6c314942a750bd67485de3c1efe85b1bfb520ae8f9ae3dfa4a4ca00a06082a"
                    + "8648ce3d030107a14403420004de3d300fa36ae0e8f5d530899d83abab44abf3161f162a4bc901d8e6ecda020e8b6d5f"
                    + "8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

    static final String SPEC_ECDSA_PUBLIC =
            "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004de3d300fa36ae0e8f5d530899d83abab44"
                    + "abf3161f162a4bc901d8e6ecda020e8b6d5f8da30525e71d6851510c098e5c47c646a597fb4dcec034e9f77c409e62";

    static final String SPEC_RSA_PUBLIC =
            "080012a60430820222300d06092a864886f70d01010105000382020f003082020a0282020100e1beab071d08200bde24"
                    + "eef00d049449b07770ff9910257b2d7d5dda242ce8f0e2f12e1af4b32d9efd2c090f66b0f29986dbb645dae988008970"
                    + "4a94e5066d594162ae6ee8892e6ec70701db0a6c445c04778eb3de1293aa1a23c3825b85c6620a2bc3f82f9b0c309bc0"
                    + "ab3aeb1873282bebd3da03c33e76c21e9beb172fd44c9e43be32e2c99827033cf8d0f0c606f4579326c930eb4e854395"
                    + "ad941256542c793902185153c474bed109d6ff5141ebf9cd256cf58893a37f83729f97e7cb435ec679d2e33901d27bb3"
                    + "5aa0d7e20561da08885ef0abbf8e2fb48d6a5487047a9ecb1ad41fa7ed84f6e3e8ecd5d98b3982d2a901b4454991766d"
                    + "a295ab78822add5612a2df83bcee814cf50973e80d7ef38111b1bd87da2ae92438a2c8cbcc70b31ee319939a3b9c761d"
                    + "bc13b5c086d6b64bf7ae7dacc14622375d92a8ff9af7eb962162bbddebf90acb32adb5e4e4029f1c96019949ecfbfeff"
                    + "d7ac1e3fbcc6b6168c34be3d5a2e5999fcbb39bba7adbca78eab09b9bc39f7fa4b93411f4cc175e70c0a083e96bfaefb"
                    + "04a9580b4753c1738a6a760ae1afd851a1a4bdad231cf56e9284d832483df215a46c1c21bdf0c6cfe951c18f1ee4078c"
                    + "79c13d63edb6e14feaeffabc90ad317e4875fe648101b0864097e998f0ca3025ef9638cd2b0caecd3770ab54a1d9c6ca"
                    + "959b0f5dcbc90caeefc4135baca6fd475224269bbe1b0203010001";

    static final String GO_RSA_PUBLIC =
            "080012a60230820122300d06092a864886f70d01010105000382010f003082010a0282010100f2b75b418c28ed7aabfe"
                    + "17e90dfb93c13f2ec6381d072f862fb75808b96d227eef2083d31f4a78069f85ad6a8c73896ea385a386430d1cc09a90"
                    + "a230f00911515c5538c4b62d897fc665df1150456aec75cdb2310c88f2079c82f56a79375c79e4f840f0eb15213f1972"
                    + "d6a248d684453ce5d3e3ec091f38c2f95c3ab5a1dfb603a9f955ebd9a75814ec5b725bb8882b047dbbae000ad88a5236"
                    + "596ad800c4ccfae3c74d69f8c665741d47972213dd4fdc83d39bab7ccce49f65e2dee7c76cd79c3500aafe7207ad41d8"
                    + "43d89ac11e6653b872dfb2c5d790ec4eb6d954aa6e14a55463659edf0a2513c0aad9b8349f259a9b605b3d71dec43b69"
                    + "ee6be851a7530203010001";

    static final String GO_RSA_SIGNATURE =
            "6e111325f710ad394633cfd37e467e18c5137fb63d182c9b8ea34386727c833160dc010dee126ee2baf33515ff598730"
                    + "fbc3d3816ec5dbc626f8b17208432620f7915fbe1b6e5ace206d3fb98c3f93dab0e8c19f0c1592ed2c8a354bccd3c0d6"
                    + "de54747dc5e4fc234b87f7f4e0a63c7b6512ca3ca6a5a588e8639ee1820f2150fdb4bb00215e50b3227f4d1d21be8ea1"
                    + "e8c80eb3192749ad8cd5dc9bd2b3184015a06b8d6ffb6e0726aaa4aa7d3e7102c69a07f7340332bad47fdcfee22ba25c"
                    + "28233344436aba3e92c0276dcce8f2e56c44b66857591ce815d87db6e87b2b74b94812a95e85b6eeab706434d8b0687f"
                    + "a717594cd6a5a82024a15d1a0aedebfe";

    static final String GO_SECP256K1_PUBLIC =
            "08021221023540ad842af8a43551a94d8383a555a99226506b88f953d2e70316a3a1b3d6a2";

    static final String GO_ECDSA_PUBLIC =
            "0803125b3059301306072a8648ce3d020106082a8648ce3d03010703420004e29a8674f3614e0ccb72406bfe2137e9f8"
                    + "c5f7d62d137f0a2edd233e35374777fd1f9aed4d2cfa7371caafc6ef02db83b81f77cfe1bcd8c715acf0b9a2778ea9";

    static final String GO_ECDSA_SIGNATURE =
            "3046022100846a6685b9e72b560cb2fc4a75f9cbc38a90aaeaa7f3f25ee719832db7b93a65022100cd992bb7bd2bcc28"
                    + "c7db04987d10adc490fe348270954f7696cb0dffff0dfc3d";

    static final String GO_PEER_TEST_RSA_PUBLIC =
            "080012a60230820122300d06092a864886f70d01010105000382010f003082010a0282010100b78633ed3e58bbd6014d"
                    + "cc627aad485875beb9043c16ec8ae78846992a2eb3b56e08cf4328b84258f063c6d6241fa992a9e70f47d84361e08d5b"
                    + "93676c7b3ac9ecd9de83812a77bf0299e1d302068fdcf2acc6885d328fd3385371c25f1290417c17255b8a8d930a88a3"
                    + "60d1d4ba9ad9baaecc3c400962bdd9d5e12433fc51a4ca77608f52d9262c650c5b9a6434fc67c7384bd86a3768c35aad"
                    + "b6b7954d092f982a692ad34b114e489e95ff5b97de6900a3d2977b97be1d69980cd965b3de3b84502546eed75150f83b"
                    + "8b1d53628b1b37de82282dead8c2717bfc09f6047926f8e769a6a8a27fa6722e6facacf174a043999fd96cb8870df565"
                    + "8cc91b74e40b0203010001";

    static final String JS_ED25519_PRIVATE =
            "08011240e838af14f0a0132f5c5873dda40d24a29e88f71f1de74c8f0c5bc10458214317a3b0c32ffed03105c066203f"
                    + "3acaab9992a419d4195b921a75a59406cf5ad97e";

    static final String JS_ED25519_PUBLIC = "08011220a3b0c32ffed03105c066203f3acaab9992a419d4195b921a75a59406cf5ad97e";

    static final String JS_ED25519_SIGNATURE =
            "a07d1e3ed5bdef5c574ccda9fb95bb396055afd51684e53cc41275c20cae871f27a8ae674e3725de25acdeef993fc598"
                    + "43a7bfd7a1d4d8a3514d2de4974f6501";

    static final String JS_OLD_ED25519_PRIVATE =
            "08011260c9d0016eb010e62542b895fc4e38ce8802267698e2c575c836bd9cdab8077639e931dd61a49ef18149a6e1ff"
                    + "c1761654370ff9a8e1b4c6bf0e4bbbf3965be825e931dd61a49ef18149a6e1ffc1761654370ff9a8e1b4c6bf0e4bbbf3"
                    + "965be825";

    static final String JS_OLD_ED25519_PUBLIC =
            "08011220e931dd61a49ef18149a6e1ffc1761654370ff9a8e1b4c6bf0e4bbbf3965be825";

    static final String JS_OLD_ED25519_SIGNATURE =
            "07e6afa4e43a4ed03ef3498e53c3b0d9a63e29a5a8a44bb3a3566620125496ed27cfd51486ed3229b0b7e58526ff2ae4"
                    + "44ba640eaf9cf3767d7d78d47c67fc0c";

    static final String JVM_RSA_PUBLIC =
            "080012a60230820122300d06092a864886f70d01010105000382010f003082010a0282010100baa3fd95db3f6179ce6b"
                    + "0f1c0c130f2fafbb3ddb20b77bac8a1a408c84af6e3de7dc09dc74cc117360ec6100fe146b7e1a298a546aa8b7b2e1de"
                    + "81780cc0bf888b53bf9cb5fc8145b83b34a6eb93fa41e15d5e03bb492d87f9d76b6b3b77f2d7c879cf1715ce2bde1552"
                    + "050f3556d42fb466e7a5eb2b9fd74f8c6dad741d4dcfde046173cb0385c498a781ea5bccb253175868384f32ac9b2579"
                    + "374d2e9a187acba3abb4f16a5c01c6cbfafddfb75793062e3b7a5c753e6fdfa6f7c7654466f33164680c37545a3954fd"
                    + "1636fdc985f6fd2237f96c949d492df0ad7686f9a72760182d3264103825e4277e1f68c03b906b3e747d5a73b6673c73"
                    + "890128c565170203010001";

    static final String JVM_SECP256K1_PUBLIC =
            "08021221030995d3b6ca88154681092a6772b26de6418eaa01672775bfe9642b33d1f97227";

    public static final String RECORD_PRIVATE =
            "0801124085fbe72b6064289004a531f967898df5319ee02992fdd84021fa5052434bf6ee11bba3ed1721948cefb4e50b"
                    + "0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4";

    public static final String RECORD_ENVELOPE =
            "0a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4120203011aaa010a2600"
                    + "240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c410d8b8e0bf9391b697161a"
                    + "0a0a0804010203040600001a0a0a0804010203040600011a0a0a0804010203040600021a0a0a0804010203040600031a"
                    + "0a0a0804010203040600041a0a0a0804010203040600051a0a0a0804010203040600061a0a0a0804010203040600071a"
                    + "0a0a0804010203040600081a0a0a0804010203040600092a40b197f76b9f288af2b467fe666f774476287049b424b739"
                    + "75c8860efb02372d026a799584541ad72f2654346485bca3ece36462b7d1b1391c8d276dc4ab8bca0b";

    /** Put together by the specification with the key of the first: /ip4/10.0.0.7/tcp/5001, seq 1767225600000000000. */
    public static final String SECOND_RECORD_ENVELOPE =
            "0a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4120203011a3e0a260024"
                    + "0801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c4108080e8ef9eca9cc3181a0a"
                    + "0a08040a0000070613892a405af179b1501be807e3100fb289c975e0eed649812490f9b7f03dc12a0f7567bd804c0e71"
                    + "6179c94a91327994d9323ab828c6a86cceb8183fc417c5f3a9e8b50f";

    /** Put together from the second record below, as go-libp2p encodes it. */
    public static final String IDENTIFY =
            "f5020a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c41208040a00000706"
                    + "13891a0e2f697066732f69642f312e302e301a132f697066732f69642f707573682f312e302e301a102f697066732f70"
                    + "696e672f312e302e301a202f6c69627032702f636972637569742f72656c61792f302e322e302f73746f701a112f7370"
                    + "6567656c2f6b61642f312e302e302208040a0000080613892a00321c6769746875622e636f6d2f73706567656c2d6f72"
                    + "672f73706567656c42ac010a240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2"
                    + "c4120203011a3e0a2600240801122011bba3ed1721948cefb4e50b0a0bb5cad8a6b52dc7b1a40f4f6652105c91e2c410"
                    + "8080e8ef9eca9cc3181a0a0a08040a0000070613892a405af179b1501be807e3100fb289c975e0eed649812490f9b7f0"
                    + "3dc12a0f7567bd804c0e716179c94a91327994d9323ab828c6a86cceb8183fc417c5f3a9e8b50f";

    private Vectors() {}
}
