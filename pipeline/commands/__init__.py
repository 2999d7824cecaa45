"""The command ``daijiao``: what it takes, prints and ends with.

- commands: ``cli``, ``policy_commands``, with ``options``, ``usage`` and ``language``
- what they print: ``console``, ``intake``, ``intake_facts``, ``intake_summary``, ``backup_text``
- a folder of policies: ``policy_check``, ``policy_faults``
- backups: ``backup``, ``restore``, ``archive``
- starting a job, and serving pages: ``launch``, ``history_files``, ``servers``, ``gate``
"""
