package dev.spegel.oci.store;

import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * What changes when a file is written or replaced.
 *
 * @param fileKey the inode, where the file system has such a thing
 */
record FileStamp(long sizeBytes, FileTime modified, Optional<Object> fileKey) {
    static FileStamp of(BasicFileAttributes attributes) {
        return new FileStamp(
                attributes.size(), attributes.lastModifiedTime(), Optional.ofNullable(attributes.fileKey()));
    }
}
