FROM eclipse-temurin:17-jdk AS build
WORKDIR /src
COPY . .
RUN ./mvnw -B -q package -DskipTests

FROM eclipse-temurin:17-jre
RUN useradd --system --uid 10001 --home-dir /var/lib/postrider --create-home postrider
WORKDIR /var/lib/postrider
COPY --from=build /src/target/postrider.jar /opt/postrider/postrider.jar
USER postrider
# The data directory holds the embedded Redis, which runs only if no redis.url is set.
ENV POSTRIDER_HTTP_HOST=0.0.0.0 \
    POSTRIDER_DATA_DIRECTORY=/var/lib/postrider/data
VOLUME /var/lib/postrider/data
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
    CMD curl -fsS http://127.0.0.1:8081/health/live || exit 1
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=60", "-jar", "/opt/postrider/postrider.jar"]
