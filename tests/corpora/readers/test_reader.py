from sentiment.corpora.readers import LeftOut, read_table


def test_a_row_that_cannot_be_used_is_left_out_with_line_and_reason(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,label\nfine,1\n,0\nso so,\nbad,0\n")
    table = read_table(path)
    assert (table.texts, table.labels, table.lines) == (["fine", "bad"], ["1", "0"], [2, 5])
    assert [(each.line, each.reason) for each in table.left_out] == [(3, "empty text"), (4, "missing label")]
    assert isinstance(table.left_out[0], LeftOut)
