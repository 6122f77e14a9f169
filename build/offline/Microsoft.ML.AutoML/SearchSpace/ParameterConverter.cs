using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Microsoft.ML.SearchSpace.Converter;

internal sealed class ParameterConverter : JsonConverter<Parameter>
{
    public override Parameter Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Parameter.CreateNestedParameter(JsonSerializer.Deserialize<Dictionary<string, Parameter>>(ref reader, options).ToArray());
            case JsonTokenType.StartArray:
                var items = new List<object>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    items.Add(Read(ref reader, typeToConvert, options));
                return Parameter.FromIEnumerable(items);
            case JsonTokenType.String:
                return Parameter.FromString(reader.GetString());
            case JsonTokenType.Number:
                return reader.TryGetInt64(out long whole) ? Parameter.FromLong(whole) : Parameter.FromDouble(reader.GetDouble());
            case JsonTokenType.True or JsonTokenType.False:
                return Parameter.FromBool(reader.GetBoolean());
            case JsonTokenType.Null:
                return null;
            default:
                throw new ArgumentException($"A parameter cannot begin with {reader.TokenType}");
        }
    }

    public override void Write(Utf8JsonWriter writer, Parameter value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value.Value, options);
}
