//! The files of a folder as texts, and their parts as values. What is wrong with them is told with
//! the file's name.

use serde_json::{Map, Value};

/// The files of a folder: name and text.
#[derive(Clone, Copy, Debug)]
pub struct Texts<'a>(pub &'a [(String, String)]);

impl<'a> Texts<'a> {
    /// The text of the file `name`.
    ///
    /// # Errors
    /// It is not there.
    pub fn get(self, name: &str) -> Result<&'a str, String> {
        let found = self.0.iter().find(|(file, _)| file == name);
        found.map(|(_, text)| text.as_str()).ok_or_else(|| format!("{name} is missing"))
    }

    /// The JSON object in the file `name`.
    ///
    /// # Errors
    /// It is not there, or is no JSON object.
    pub fn object(self, name: &str) -> Result<Object, String> {
        match serde_json::from_str(self.get(name)?) {
            Ok(Value::Object(object)) => Ok(Object { file: name.to_owned(), object }),
            Ok(_) => Err(format!("{name} holds no JSON object")),
            Err(error) => Err(format!("{name} is not JSON: {error}")),
        }
    }

    /// The table in the CSV file `name`; `each` gets its rows one by one.
    ///
    /// # Errors
    /// It is not there, is no table, or `each` has something against a row.
    pub fn rows(
        self,
        name: &str,
        mut each: impl FnMut(&Row<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let wrong = |error: &csv::Error| format!("{name} is not a table: {error}");
        let mut reader = csv::Reader::from_reader(self.get(name)?.as_bytes());
        let header = reader.headers().map_err(|error| wrong(&error))?.clone();
        let mut cells = csv::StringRecord::new();
        while reader.read_record(&mut cells).map_err(|error| wrong(&error))? {
            each(&Row { file: name, header: &header, cells: &cells })?;
        }
        Ok(())
    }

    /// The names of the columns of the CSV file `name`, as they were before [`guarding`].
    ///
    /// [`guarding`]: crate::report::csv::guarded
    ///
    /// # Errors
    /// It is not there, or is no table.
    pub fn columns(self, name: &str) -> Result<Vec<String>, String> {
        let mut reader = csv::Reader::from_reader(self.get(name)?.as_bytes());
        let header = reader.headers().map_err(|error| format!("{name} is not a table: {error}"))?;
        Ok(header.iter().map(unguarded).collect())
    }
}

/// A JSON object of a file.
#[derive(Clone, PartialEq, Debug)]
pub struct Object {
    file: String,
    object: Map<String, Value>,
}

impl Object {
    /// What stands under `key`, if anything does.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.object.get(key).filter(|value| !value.is_null())
    }

    /// What lacks or is not as it should be, in words.
    pub fn wrong(&self, key: &str, wanted: &str) -> String {
        format!("{}: `{key}` is missing or not {wanted}", self.file)
    }

    /// The text under `key`.
    ///
    /// # Errors
    /// There is none.
    pub fn text(&self, key: &str) -> Result<String, String> {
        let text = self.get(key).and_then(Value::as_str).map(str::to_owned);
        text.ok_or_else(|| self.wrong(key, "a text"))
    }

    /// The text under `key`; empty where there is none.
    pub fn text_or_empty(&self, key: &str) -> String {
        self.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// The number under `key`.
    ///
    /// # Errors
    /// There is none.
    pub fn number(&self, key: &str) -> Result<f64, String> {
        self.get(key).and_then(Value::as_f64).ok_or_else(|| self.wrong(key, "a number"))
    }

    /// The number under `key`, or `None` where it is `null` or absent.
    pub fn number_if_any(&self, key: &str) -> Option<f64> {
        self.get(key).and_then(Value::as_f64)
    }

    /// The whole number under `key`.
    ///
    /// # Errors
    /// There is none.
    pub fn whole(&self, key: &str) -> Result<u64, String> {
        self.get(key).and_then(Value::as_u64).ok_or_else(|| self.wrong(key, "a whole number"))
    }

    /// The texts under `key`; none where there is no such key.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let list = self.get(key).and_then(Value::as_array).into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The objects in the list under `key`.
    ///
    /// # Errors
    /// There is no list of objects.
    pub fn objects(&self, key: &str) -> Result<Vec<Self>, String> {
        let wrong = || self.wrong(key, "a list of objects");
        let list = self.get(key).and_then(Value::as_array).ok_or_else(wrong)?;
        let object = |value: &Value| {
            let object = value.as_object().ok_or_else(wrong)?;
            Ok(Self { file: self.file.clone(), object: object.clone() })
        };
        list.iter().map(object).collect()
    }

    /// The object under `key`.
    ///
    /// # Errors
    /// There is none.
    pub fn object(&self, key: &str) -> Result<Self, String> {
        let object = self.get(key).and_then(Value::as_object);
        let object = object.ok_or_else(|| self.wrong(key, "an object"))?.clone();
        Ok(Self { file: self.file.clone(), object })
    }

    /// Its keys with the texts under them, in their order.
    pub fn labels(&self) -> Vec<(String, String)> {
        let pairs = self.object.iter();
        pairs.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
    }
}

/// A row of a table.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    file: &'a str,
    header: &'a csv::StringRecord,
    cells: &'a csv::StringRecord,
}

impl<'a> Row<'a> {
    /// The cell in the column `name`.
    ///
    /// # Errors
    /// There is no such column.
    pub fn cell(&self, name: &str) -> Result<&'a str, String> {
        let place = self.header.iter().position(|column| column == name);
        place
            .and_then(|place| self.cells.get(place))
            .ok_or_else(|| format!("{} has no column `{name}`", self.file))
    }

    /// The cell number `place` as a number, or `None` where it is empty.
    ///
    /// # Errors
    /// It holds something else.
    pub fn number_at(&self, place: usize) -> Result<Option<f64>, String> {
        let cell = self.cells.get(place).unwrap_or_default();
        match cell.parse::<f64>() {
            _ if cell.is_empty() => Ok(None),
            Ok(number) if number.is_finite() => Ok(Some(number)),
            Ok(_) | Err(_) => {
                let line = self.cells.position().map_or(0, csv::Position::line);
                let cell = crate::report::plain(cell);
                Err(format!("{}, line {line}: `{cell}` is not a number", self.file))
            }
        }
    }

    /// The cell in the column `name` as a number, or `None` where it is empty.
    ///
    /// # Errors
    /// There is no such column, or it holds something else.
    pub fn number_if_any(&self, name: &str) -> Result<Option<f64>, String> {
        self.cell(name)?;
        let place = self.header.iter().position(|column| column == name);
        self.number_at(place.unwrap_or_default())
    }

    /// The number in the column `name`.
    ///
    /// # Errors
    /// There is none.
    pub fn number(&self, name: &str) -> Result<f64, String> {
        let missing = || format!("{} lacks a number in the column `{name}`", self.file);
        self.number_if_any(name)?.ok_or_else(missing)
    }

    /// The name in the column `name`, as it was before it was made harmless for spreadsheets.
    ///
    /// # Errors
    /// There is no such column.
    pub fn name(&self, name: &str) -> Result<String, String> {
        self.cell(name).map(unguarded)
    }
}

/// `cell` without the apostrophe that keeps spreadsheets from taking it for a formula.
fn unguarded(cell: &str) -> String {
    let bare = cell.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@']));
    bare.unwrap_or(cell).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Vec<(String, String)> {
        vec![("x".to_owned(), text.to_owned())]
    }

    #[test]
    fn tables_are_read_with_their_names_and_gaps() {
        let files = files("name,v\n'=a,1.5\n'b,\n");
        let mut seen = Vec::new();
        let read = Texts(&files).rows("x", |row| {
            seen.push((row.name("name")?, row.number_if_any("v")?));
            Ok(())
        });
        assert_eq!(read, Ok(()));
        assert_eq!(seen, [("=a".to_owned(), Some(1.5)), ("'b".to_owned(), None)]);
        let read = |ask: fn(&Row<'_>) -> Result<f64, String>| {
            Texts(&files).rows("x", |row| ask(row).map(drop)).unwrap_err()
        };
        assert_eq!(read(|row| row.number("w")), "x has no column `w`");
        assert_eq!(read(|row| row.number("v")), "x lacks a number in the column `v`");
        assert_eq!(read(|row| row.number("name")), "x, line 2: `'=a` is not a number");
        assert_eq!(Texts(&files).get("y").unwrap_err(), "y is missing");
    }

    #[test]
    fn objects_tell_what_they_lack() {
        let files = files(r#"{"a": 1, "b": "c", "d": null}"#);
        let object = Texts(&files).object("x").unwrap();
        assert_eq!((object.whole("a"), object.text("b")), (Ok(1), Ok("c".to_owned())));
        assert_eq!(object.number("d").unwrap_err(), "x: `d` is missing or not a number");
        assert_eq!(object.text("a").unwrap_err(), "x: `a` is missing or not a text");
    }
}
