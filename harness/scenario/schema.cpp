// SPDX-License-Identifier: GPL-2.0-or-later
#include "harness/scenario/schema.hpp"

#include "harness/scenario/keys.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace nflab::scenario {

namespace {

using Json = nlohmann::ordered_json;

/// YAML reads `5` and `true` as other than strings, and the reader takes them as texts.
Json text() {
    return {{"type", {"string", "number", "boolean"}}};
}

Json list_of(const Json& item) {
    return {{"type", "array"}, {"minItems", 1}, {"items", item}};
}

Json map_of(const Json& item) {
    return {{"type", "object"}, {"minProperties", 1}, {"additionalProperties", item}};
}

Json any_of(const Json& first, const Json& second) {
    return {{"anyOf", Json::array({first, second})}};
}

Json reference(const Object* object) {
    return {{"$ref", "#/definitions/" + std::string(object->id)}};
}

/// $(NAME) stands for a value of `with` before anything else is looked at.
Json parameter_or(const Json& schema) {
    return any_of(schema, {{"type", "string"}, {"pattern", R"(^\$\(.+\)$)"}});
}

Json words(const Key& key) {
    Json list = Json::array();
    for (const auto word : key.choices)
        list.push_back(word);
    return parameter_or({{"enum", list}});
}

Json integer(const Key& key) {
    return parameter_or({{"type", "integer"}, {"minimum", key.minimum}, {"maximum", key.maximum}});
}

Json duration() {
    return parameter_or({{"type", "string"}, {"pattern", "^[0-9]+(ms|s|m)$"}});
}

Json value_schema(const Key& key) {
    switch (key.shape) {
    case Shape::text:
        return text();
    case Shape::integer:
        return integer(key);
    case Shape::boolean:
        return parameter_or({{"type", "boolean"}});
    case Shape::duration:
        return duration();
    case Shape::choice:
        return words(key);
    case Shape::texts:
        return any_of(text(), list_of(text()));
    case Shape::text_map:
        return map_of(text());
    case Shape::texts_map:
        return map_of(any_of(text(), list_of(text())));
    case Shape::object:
        return reference(key.object);
    case Shape::object_list:
        return list_of(reference(key.object));
    case Shape::object_map:
        return map_of(reference(key.object));
    case Shape::ruleset:
    case Shape::rule:
        return any_of(text(), reference(key.object));
    case Shape::trace:
        return any_of(words(key), reference(key.object));
    case Shape::integer_or_choice:
        return any_of(words(key), integer(key));
    case Shape::ports:
        return any_of(any_of(text(), list_of(text())), map_of(reference(key.object)));
    case Shape::reply:
        return any_of({{"enum", {"none"}}}, integer(key));
    case Shape::parameters:
        return any_of(map_of(list_of(Json::object())), list_of(map_of(Json::object())));
    case Shape::range:
        return any_of({{"type", "integer"}, {"minimum", 0}},
                      {{"type", "string"}, {"pattern", "^((>=|<=|>|<) *[0-9]+|[0-9]+-[0-9]+)$"}});
    case Shape::wait:
        return any_of(duration(), reference(key.object));
    case Shape::repeat:
        return any_of(integer(key), reference(key.object));
    }
    return {};
}

Json object_schema(const Object& object) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const auto& key : object.keys) {
        Json property = {{"description", key.about}};
        // Draft 7 ignores what stands beside a $ref.
        if (key.shape == Shape::object)
            property["allOf"] = Json::array({value_schema(key)});
        else
            property.update(value_schema(key));
        properties[std::string(key.name)] = property;
        if (key.required)
            required.push_back(key.name);
    }
    Json schema = {{"description", object.about},
                   {"type", "object"},
                   {"additionalProperties", false},
                   {"properties", properties},
                   {"patternProperties", {{R"(^\$\(.+\)$)", Json::object()}}}};
    if (!required.empty())
        schema["required"] = required;
    return schema;
}

void define(const Object& object, Json& definitions) {
    for (const auto& key : object.keys) {
        if (key.object == nullptr || definitions.contains(std::string(key.object->id)))
            continue;
        definitions[std::string(key.object->id)] = object_schema(*key.object);
        define(*key.object, definitions);
    }
}

} // namespace

Json schema() {
    Json document = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                     {"title", "nflab scenario"}};
    document.update(object_schema(scenario_object));
    Json definitions = Json::object();
    define(scenario_object, definitions);
    document["definitions"] = definitions;
    return document;
}

} // namespace nflab::scenario
