"""What a process weighs that opens so many definitions: `python -m bench.definitions_held URL FOLDER COUNT`."""

from __future__ import annotations

import gc
import json
import sys
import time
from pathlib import Path

from sqlalchemy import select

from bench.metering import resident_mb
from service.commands.services import build_services
from service.database.session import create_database_engine, reading
from service.database.tables import process_definition
from service.garbage import collect_rarely
from service.settings import read_settings


def main(url: str, folder: str, count: int) -> None:
    settings = read_settings({"MINGJING_DATABASE_URL": url}, data=Path(folder))
    engine, services = create_database_engine(url), build_services(settings)
    with reading(engine) as connection:
        found = select(process_definition.c.id).where(process_definition.c.kind == "item")
        ids = list(connection.execute(found.order_by(process_definition.c.id.desc()).limit(count)).scalars())
        collect_rarely()  # As a process that serves does.
        before, cpu, most = resident_mb(), time.process_time(), 0.0
        for definition_id in ids:
            services.bundles.get(connection, definition_id)
            most = max(most, resident_mb())
        cpu = time.process_time() - cpu
    gc.collect()
    told = {"held": settings.definition_cache_size, "mb_before": before, "mb": resident_mb(), "most_mb": most}
    print(json.dumps({name: round(value, 1) for name, value in {**told, "ms_each": cpu * 1000 / count}.items()}))
    engine.dispose()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
