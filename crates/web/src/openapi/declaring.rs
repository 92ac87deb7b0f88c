//! How extractors and answers tell the document what they take and give.

use aide::generate::GenContext;
use aide::openapi::{
    HeaderStyle, MediaType, Operation, Parameter, ParameterData, ParameterSchemaOrContent,
    RequestBody, Response, SchemaObject,
};
use aide::operation::{add_parameters, set_body};
use schemars::{Schema, json_schema};

/// Name of the scheme by which programs sign in.
pub(super) const TOKEN: &str = "token";
/// Name of the scheme by which browsers sign in.
pub(super) const SESSION: &str = "session";

/// The schema of bytes that are no JSON.
#[must_use]
pub fn bytes() -> Schema {
    json_schema!({"type": "string", "format": "binary"})
}

/// Somebody must be recognised: by a token or a session.
pub fn require_caller(operation: &mut Operation) {
    let scheme = |name: &str| [(name.to_owned(), Vec::new())].into_iter().collect();
    operation.security = vec![scheme(TOKEN), scheme(SESSION)];
}

/// A header that may be sent.
pub fn take_header(
    context: &mut GenContext,
    operation: &mut Operation,
    (name, description): (&str, &str),
    schema: Schema,
) {
    let data = ParameterData {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required: false,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(object(schema)),
        example: None,
        examples: Default::default(),
        explode: None,
        extensions: Default::default(),
    };
    let parameter = Parameter::Header {
        parameter_data: data,
        style: HeaderStyle::Simple,
    };
    add_parameters(context, operation, [parameter]);
}

/// A body in one of several forms.
pub fn take_body(
    context: &mut GenContext,
    operation: &mut Operation,
    description: &str,
    forms: impl IntoIterator<Item = (&'static str, Schema)>,
) {
    let content = forms.into_iter().map(|(kind, schema)| media(kind, schema));
    let body = RequestBody {
        description: Some(description.to_owned()),
        content: content.collect(),
        required: true,
        extensions: Default::default(),
    };
    set_body(context, operation, body);
}

/// An answer in one of several forms.
#[must_use]
pub fn give(
    description: &str,
    forms: impl IntoIterator<Item = (&'static str, Schema)>,
) -> Response {
    let content = forms.into_iter().map(|(kind, schema)| media(kind, schema));
    Response {
        description: description.to_owned(),
        content: content.collect(),
        ..Response::default()
    }
}

fn media(kind: &str, schema: Schema) -> (String, MediaType) {
    let media = MediaType {
        schema: Some(object(schema)),
        ..MediaType::default()
    };
    (kind.to_owned(), media)
}

fn object(json_schema: Schema) -> SchemaObject {
    SchemaObject {
        json_schema,
        example: None,
        external_docs: None,
    }
}
