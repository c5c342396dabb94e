import io

from cli.seed import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_shows_the_progress_of_a_seed() -> None:
    terminal = Terminal()
    bar = ProgressBar(terminal, 100)
    bar.advance("users", 100)
    bar.advance("posts", 12_400)
    bar.advance("comments", 99_999)
    bar.end()
    shown = [line.rstrip() for line in terminal.getvalue().split("\r")[1:]]
    assert [line.split("]")[1].split()[0] for line in shown] == ["0%", "50%", "100%"]
    assert [line.split()[-1] for line in shown] == ["users", "posts", "comments"]
    assert shown[1].count("█") == 20


def test_a_file_receives_no_progress() -> None:
    file = io.StringIO()
    bar = ProgressBar(file, 100)
    bar.advance("users", 100)
    bar.end()
    assert file.getvalue() == ""
