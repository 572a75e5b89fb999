"""What all sections of the report are made of: a table, and where its figures were taken."""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(str, row)) + " |" for row in rows])


def where(measured):
    on = measured["machine"]
    # Whoever else uses a core is in the load; a quiet machine is near zero.
    shared = "; other work ran on it" if measured["load_before"] > 0.5 else ""
    made = f" {measured['made']}" if measured.get("made") else ""
    return (
        f"`{measured['command']}` on {on['when']}: {on['version']} ({on['commit']}), {on['cores']} cores of {on['cpu']}, "
        f"{on['memory_gib']} GiB, Linux {on['kernel']}, Python {on['python']}. The machine's load before it began: {measured['load_before']:.1f}{shared}.{made}"
    )
