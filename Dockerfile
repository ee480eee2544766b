# For those who would rather have docker or buildah build the image than `mvn package -Pimage`: the same files in the same places.
#   docker build --tag REGISTRY/spegel:TAG .
# For two architectures: docker buildx build --platform linux/amd64,linux/arm64 --push --tag REGISTRY/spegel:TAG .

# The agent is the same for all architectures, so it is built on the one that builds.
FROM --platform=$BUILDPLATFORM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn --batch-mode --quiet package --projects spegel-agent --also-make -Dmaven.test.skip=true -Dspotless.check.skip

FROM eclipse-temurin:25-jre
COPY LICENSE /opt/spegel/resources/
COPY bin/spegel /opt/spegel/bin/
COPY --from=build /src/spegel-agent/target/spegel-agent-*-all.jar /opt/spegel/spegel-agent/target/
# That it starts on this architecture; and what the launcher keeps for later starts, it can't write where the root is read-only.
RUN ["/opt/spegel/bin/spegel", "registry", "--help"]
# containerd's socket is root's; what else root could do is taken away where the image runs.
USER 0:0
EXPOSE 5000 5001 9090
ENTRYPOINT ["/opt/spegel/bin/spegel"]
CMD ["registry"]
