package dev.postrider.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A YAML file of settings: sections with keys, lists as lists or with commas. */
final class ConfigFile {

  private static final ObjectMapper YAML =
      JsonMapper.builder(new YAMLFactory())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  private ConfigFile() {}

  /**
   * Reads the settings of a file as text by their full keys.
   *
   * @throws ConfigException if it cannot be read or is no such file
   */
  static Map<String, String> read(Path file) {
    Map<String, String> settings = new LinkedHashMap<>();
    try {
      JsonNode root = YAML.readTree(Files.readString(file));
      if (root.isMissingNode() || root.isNull()) {
        return settings;
      }
      if (!root.isObject()) {
        throw new ConfigException(file + " must have lines such as http: and under it port: 8080");
      }
      collect(file, "", root, settings);
      return settings;
    } catch (JsonProcessingException e) {
      String where = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
      String what = String.valueOf(e.getOriginalMessage()).lines().findFirst().orElse("");
      throw new ConfigException(file + " is not well-formed YAML" + where + ": " + what);
    } catch (IOException e) {
      throw new ConfigException("the configuration " + file + " cannot be read: " + e);
    }
  }

  private static void collect(
      Path file, String prefix, JsonNode section, Map<String, String> into) {
    for (Map.Entry<String, JsonNode> entry : section.properties()) {
      String key = prefix + entry.getKey();
      JsonNode value = entry.getValue();
      if (value.isNull() && isSection(key)) {
        // Every line of the section is commented out.
        continue;
      }
      if (value.isObject()) {
        collect(file, key + ".", value, into);
      } else if (into.put(key, text(file, key, value)) != null) {
        throw new ConfigException(key + " stands twice in " + file);
      }
    }
  }

  private static String text(Path file, String key, JsonNode value) {
    if (value.isArray()) {
      List<String> items = new ArrayList<>();
      value.forEach(item -> items.add(item(file, key, item)));
      return String.join(",", items);
    }
    if (value.isNull() || value.isContainerNode()) {
      throw new ConfigException(key + " in " + file + " has no value; remove it for its default");
    }
    return value.asText();
  }

  private static String item(Path file, String key, JsonNode value) {
    String item = text(file, key, value);
    if (value.isArray() || item.contains(",")) {
      throw new ConfigException(key + " in " + file + " has an item with a comma: " + item);
    }
    return item;
  }

  private static boolean isSection(String key) {
    return ConfigTree.types().keySet().stream().anyMatch(known -> known.startsWith(key + "."));
  }
}
