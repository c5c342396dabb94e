"""A statement has a limited number of texts, whatever operations select."""

from adapters.database import ColumnVariants, DialectSQL, TaggedSQL
from adapters.database.variants import LONG_UNUSED, MAX_VARIANTS
from core.columns import ColumnNames, RowColumns

NAMES = [f"c{number}" for number in range(20)]
COLUMNS = RowColumns({name: f"t.{name}" for name in NAMES}, always=["c0"])


def statement() -> ColumnVariants:
    return ColumnVariants(COLUMNS, lambda columns, _: f"SELECT {columns} FROM t")


def only(*names: str) -> ColumnNames:
    return frozenset(names)


def filled() -> ColumnVariants:
    """Returns a statement all of whose places are taken, by c1 to c8 with c0 each."""
    variants = statement()
    for name in NAMES[1 : MAX_VARIANTS + 1]:
        assert variants.of(only(name)) == f"SELECT t.c0, t.{name} FROM t"
    return variants


def test_equal_columns_have_one_text() -> None:
    variants = statement()
    assert variants.of(only("c1")) is variants.of(only("c1", "c0")) is variants.of(only("c1", "unknown"))
    assert len(variants.texts) == 2


def test_all_columns_need_no_variant() -> None:
    variants = statement()
    assert variants.of(None) is variants.of(COLUMNS.names)
    assert variants.texts == [f"SELECT {COLUMNS.sql()} FROM t"]


def test_beyond_the_limit_the_smallest_variant_that_contains_the_columns_is_read() -> None:
    variants = statement()
    variants.of(only("c1", "c2", "c3"))
    variants.of(only("c1", "c2"))
    for name in NAMES[10 : 10 + MAX_VARIANTS - 2]:
        variants.of(only(name))
    assert variants.of(only("c2")) == "SELECT t.c0, t.c1, t.c2 FROM t"
    assert variants.of(only("c9")) == variants.of(None)
    assert len(variants.texts) == MAX_VARIANTS + 1


def test_unusual_columns_do_not_displace_those_that_are_used() -> None:
    variants = filled()
    before = set(variants.texts)
    for number in range(LONG_UNUSED * 3):
        variants.of(only(NAMES[1 + number % MAX_VARIANTS]))
        variants.of(only(NAMES[10 + number % 10], NAMES[10 + number // 10 % 10]))
    assert set(variants.texts) == before


def test_a_variant_that_is_not_used_any_more_gives_its_place_to_another() -> None:
    variants = filled()
    for _ in range(LONG_UNUSED):
        assert variants.of(only("c2")) == "SELECT t.c0, t.c2 FROM t"
    assert variants.of(only("c9")) == "SELECT t.c0, t.c9 FROM t"
    assert len(variants.texts) == MAX_VARIANTS + 1
    assert "SELECT t.c0, t.c1 FROM t" not in variants.texts


def test_each_text_has_the_tags_of_the_statement() -> None:
    def build(columns: str, _names: ColumnNames) -> DialectSQL:
        return DialectSQL(f"SELECT {columns} FROM t", f"SELECT {columns} FROM s")

    variants = ColumnVariants(COLUMNS, build, lambda _values, rows: [f"T:{row['c0']}" for row in rows])
    for columns in (None, only("c1"), only("c2")):
        sql = variants.of(columns)
        assert isinstance(sql, TaggedSQL)
        assert sql.tags([], [{"c0": 5}]) == ["T:5"]
    assert variants.of(only("c1")) == ("SELECT t.c0, t.c1 FROM t", "SELECT t.c0, t.c1 FROM s")
